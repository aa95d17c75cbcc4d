"""The text of a prompt that edits several lines at once: where it ends, and its statements."""

import ast
import re
import warnings
from collections.abc import Callable
from itertools import pairwise

from _pyodide._code import dedent

Check = Callable[[str], str]
"""Says of a statement whether it is "complete", "incomplete" or a "syntax-error"."""

_NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing raises for text that is wrong, has null characters or is nested too deeply."""

_CONTINUES = re.compile(r"(elif|else|except|finally)\b")
"""Begins a line at the margin that belongs to the statement before it."""


def without_last_indent(block: str) -> str:
    """Drop what has been indented for a line that nobody has written."""
    last = block.rfind("\n") + 1
    return block[:last] if last and block[last:].isspace() else block


def wants_more(block: str, check: Check) -> bool:
    """Say whether Enter behind the block adds a line to it.

    An empty last line ends a compound statement, and a block of several lines that is wrong.
    """
    source = without_last_indent(block)
    state = check(source)
    if state == "syntax-error":
        return "\n" in source and not source.endswith("\n")
    return state == "incomplete"


def _body(source: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        # They come when the code is compiled to be run.
        warnings.simplefilter("ignore", (SyntaxWarning, DeprecationWarning))
        return ast.parse(source).body


def _goes_on(statement: ast.stmt, lines: list[str]) -> bool:
    """Say whether a semicolon and a backslash join the next line to a statement."""
    after = lines[(statement.end_lineno or 1) - 1].encode()[statement.end_col_offset :]
    return re.fullmatch(rb"\s*;\s*\\", after) is not None


def _pieces(source: str) -> list[str]:
    """Take a source apart behind its statements; those on one line are one piece."""
    lines = source.split("\n")
    body = _body(source)
    ends = [
        statement.end_lineno or 0
        for statement, following in pairwise(body)
        if following.lineno > (statement.end_lineno or 0) and not _goes_on(statement, lines)
    ]
    return ["\n".join(lines[a:b]) for a, b in pairwise([0, *ends, len(lines)])]


def statements(block: str) -> list[str]:
    """Take a block apart; each statement is at its line, so that tracebacks name the right one.

    A block that is wrong is a single piece, so that running it tells the error.
    """
    source = without_last_indent(block)
    try:
        pieces = _pieces(dedent(source))
    except _NOT_PARSED:
        return [source]
    line = 0
    placed = []
    for piece in pieces:
        placed.append("\n" * line + piece + ("" if piece.endswith("\n") else "\n"))
        line += piece.count("\n") + 1
    return placed


def _split_wrong(lines: list[str], error_line: int) -> tuple[list[str], str]:
    """Split off the statements before the one that has an error or no end."""
    for start in range(min(error_line, len(lines)) - 1, 0, -1):
        line = lines[start]
        if not line or line[0] in " \t#" or _CONTINUES.match(line):
            continue
        before = "\n".join(lines[:start])
        try:
            if _body(before):
                return _pieces(before), "\n".join(lines[start:])
        except _NOT_PARSED:
            continue
    return [], "\n".join(lines)


def split_paste(text: str, check: Check) -> tuple[list[str], str]:
    """Take pasted text apart.

    Returns
    -------
    The statements that are followed by others, and the last one if an Enter at the end of the text
    completes it; and what is left to be edited.
    """
    text = dedent(text)
    try:
        *ready, rest = _pieces(text)
    except SyntaxError as error:
        ready, rest = _split_wrong(text.split("\n"), error.lineno or 1)
    except _NOT_PARSED:
        ready, rest = [], text
    rest = re.sub(r"\A(?:[ \t]*\n)+", "", rest)
    if rest.endswith("\n") and check(rest[:-1]) != "incomplete":
        ready.append(rest)
        rest = ""
    return [statement.strip() for statement in ready], rest
