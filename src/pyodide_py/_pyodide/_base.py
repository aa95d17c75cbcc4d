"""The name by which programs written for Pyodide find some functions of `pyodide.code`."""

from ._code import CodeRunner, eval_code, eval_code_async, find_imports, should_quiet
from ._pyimport import pyimport_impl

__all__ = [
    "CodeRunner",
    "eval_code",
    "eval_code_async",
    "find_imports",
    "pyimport_impl",
    "should_quiet",
]
