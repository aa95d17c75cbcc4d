"""Tests of the Python side on ordinary CPython, without the runtime."""
