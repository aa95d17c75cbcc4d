"""The part of the Python side that needs no runtime; it is tested on ordinary CPython."""
