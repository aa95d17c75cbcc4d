"""What CPython runs when standard input is a terminal."""

from .main import interactive_console

interactive_console()
