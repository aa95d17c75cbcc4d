"""Builds the Python packages `pyodide` and `_pyodide` for installation on ordinary CPython.

Everything else is said in `pyproject.toml`.
"""

from setuptools import setup

setup()
