"""What CPython calls for the prompt after a script that was run with -i."""

import sys

CAN_USE_PYREPL = False


def interactive_console(
    mainmodule: object = None, quiet: bool = False, pythonstartup: bool = False
) -> object:
    """Run CPython's plain prompt until the end of input."""
    return sys._baserepl()  # type: ignore[attr-defined]
