"""Running source text: parse, split off the final expression, execute, hand its value over.

The statements and the final expression become two code objects which run one after the other in the
same namespaces. So the value travels as an ordinary return value: no name is added to the user's
namespaces, nothing is raised that user code could catch, and nothing holds the value afterwards.

This module is imported during start-up: it needs only built-in modules (`_ast`, not `ast`). It must
have no `from __future__` import, because `compile()` hands those on to the code of the user.
"""

import _ast

# User code may replace these names in `builtins`; the runner keeps the real ones.
from builtins import compile as _compile
from builtins import eval as _eval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Literal

    ReturnMode = Literal["last_expr", "last_expr_or_assign", "none"]
    Mode = Literal["exec", "single", "eval"]

_RETURN_MODES = ("last_expr", "last_expr_or_assign", "none")
_ONLY_AST = _ast.PyCF_ONLY_AST
_TOP_LEVEL_AWAIT = _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect


def dedent(source: str) -> str:
    """Remove the indentation that all non-blank lines of `source` share.

    Unlike `textwrap.dedent` a source without common indentation is returned untouched, so that
    blank lines within string literals keep their spaces.
    """
    if source[:1] not in (" ", "\t", "\n", "\r"):
        return source
    margin: str | None = None
    lines = source.split("\n")
    for line in lines:
        text = line.lstrip(" \t")
        if text in ("", "\r"):
            continue
        indent = line[: len(line) - len(text)]
        if margin is None:
            margin = indent
        while not indent.startswith(margin):
            margin = margin[:-1]
        if not margin:
            return source
    if not margin:
        return source
    return "\n".join(
        line[len(margin) :] if line.startswith(margin) else line.lstrip(" \t") for line in lines
    )


def _ends_with_semicolon(tree: "_ast.mod", source: str) -> bool:
    """Say whether a `;` follows the last statement of `tree`, which was parsed from `source`."""
    body: list[_ast.stmt] = getattr(tree, "body", [])
    if not body or ";" not in source or not isinstance(body, list):
        return False
    last = body[-1]
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line_number, column = last.end_lineno, last.end_col_offset
    assert line_number is not None and column is not None
    last_line = lines[line_number - 1].encode()
    # The last `;` belongs to the node when the statement is a compound one on a single line.
    if last_line[column - 1 : column] == b";":
        return True
    rest = "\n".join([last_line[column:].decode(), *lines[line_number:]])
    return rest.lstrip(" \t\f\\\n").startswith(";")


def should_quiet(source: str) -> bool:
    """Say whether the last statement of `source` ends with a semicolon.

    Comments and white space after the semicolon do not count. A source with a syntax error gives
    False.
    """
    source = dedent(source)
    if ";" not in source:
        return False
    try:
        tree = _compile(source, "<exec>", "exec", _ONLY_AST | _TOP_LEVEL_AWAIT, True)
    except (SyntaxError, ValueError):
        return False
    return _ends_with_semicolon(tree, source)


def _assigned_name(statement: "_ast.stmt") -> "_ast.Name | None":
    """Return the name that an assignment statement binds, if its (first) target is a bare name."""
    if isinstance(statement, _ast.Assign):
        target: _ast.expr = statement.targets[0]
    elif isinstance(statement, _ast.AugAssign) or (
        isinstance(statement, _ast.AnnAssign) and statement.value is not None
    ):
        target = statement.target
    else:
        return None
    return target if isinstance(target, _ast.Name) else None


class CodeRunner:
    """Source text on its way to execution, in three steps: parse, `compile()`, `run()`.

    Between the steps `ast` and `code` may be looked at and changed.

    Parameters
    ----------
    source:
        Python source; indentation shared by all lines is removed.
    return_mode:
        What `run()` returns: ``"last_expr"`` the value of a final expression statement,
        ``"last_expr_or_assign"`` also the value of a final assignment whose (first) target is a
        bare name, ``"none"`` always None.
    mode:
        As for the built-in `compile()`: ``"exec"``, ``"single"`` or ``"eval"``.
    quiet_trailing_semicolon:
        If true, a semicolon after the last statement makes `run()` return None.
    filename, flags, dont_inherit, optimize:
        As for the built-in `compile()`.

    Raises
    ------
    SyntaxError
        If the source cannot be parsed.
    ValueError
        If `return_mode` is unknown.

    Attributes
    ----------
    ast
        The parsed source; changes made before `compile()` take effect.
    code
        None before `compile()`; afterwards the code object of the statements, or, if there are no
        statements before it, of the final expression.
    result_code
        The code object of the final expression when statements come before it, otherwise None.
    """

    ast: "_ast.mod"
    code: "CodeType | None"
    result_code: "CodeType | None"

    def __init__(
        self,
        source: str,
        *,
        return_mode: "ReturnMode" = "last_expr",
        mode: "Mode" = "exec",
        quiet_trailing_semicolon: bool = True,
        filename: str = "<exec>",
        flags: int = 0,
        dont_inherit: bool = False,
        optimize: int = -1,
    ) -> None:
        if return_mode not in _RETURN_MODES:
            raise ValueError(
                f"return_mode must be one of {', '.join(_RETURN_MODES)}, not {return_mode!r}"
            )
        if not isinstance(source, str):
            raise TypeError(f"the source must be a str, not {type(source).__name__}")
        source = dedent(source)
        self.filename = filename
        self.mode = mode
        self.flags = flags
        self.dont_inherit = dont_inherit
        self.optimize = optimize
        self.ast = _compile(source, filename, mode, flags | _ONLY_AST, dont_inherit)
        if quiet_trailing_semicolon and _ends_with_semicolon(self.ast, source):
            return_mode = "none"
        self.return_mode = return_mode
        self.code = None
        self.result_code = None

    def _compile_tree(self, tree: "Any", mode: str) -> "CodeType":
        """Compile `tree` with the options of this runner."""
        code: CodeType = _compile(
            tree, self.filename, mode, self.flags, self.dont_inherit, self.optimize
        )
        return code

    def _split(self) -> "tuple[list[_ast.stmt], _ast.expr | None]":
        """Separate the statements to execute from the expression whose value is the result."""
        assert isinstance(self.ast, _ast.Module | _ast.Interactive)
        body = self.ast.body
        if not body or self.return_mode == "none":
            return body, None
        last = body[-1]
        if isinstance(last, _ast.Expr):
            return body[:-1], last.value
        if self.return_mode == "last_expr_or_assign":
            name = _assigned_name(last)
            if name is not None:
                return body, _ast.Name(
                    id=name.id,
                    ctx=_ast.Load(),
                    lineno=name.lineno,
                    col_offset=name.col_offset,
                    end_lineno=name.end_lineno,
                    end_col_offset=name.end_col_offset,
                )
        return body, None

    def compile(self) -> "CodeRunner":
        """Compile `ast`; returns the runner itself.

        Raises
        ------
        RuntimeError
            If the runner was compiled before.
        SyntaxError
            If the tree is not a valid program, for instance ``return`` outside a function.
        """
        if self.code is not None:
            raise RuntimeError("Already compiled: make a new CodeRunner to compile again")
        if not isinstance(self.ast, _ast.Module | _ast.Interactive):
            self.code = self._compile_tree(self.ast, self.mode)
            return self
        statements, result = self._split()
        result_code = None
        if result is not None:
            result_code = self._compile_tree(_ast.Expression(body=result), "eval")
            if not statements:
                self.code = result_code
                return self
        tree: _ast.mod
        if isinstance(self.ast, _ast.Module):
            tree = _ast.Module(body=statements, type_ignores=self.ast.type_ignores)
        else:
            tree = _ast.Interactive(body=statements)
        self.code = self._compile_tree(tree, self.mode)
        self.result_code = result_code
        return self

    def _check_compiled(self) -> "CodeType":
        """Return `code`, or raise RuntimeError if it was not made yet."""
        if self.code is None:
            raise RuntimeError("Not yet compiled: call compile() first")
        return self.code

    def run(self, globals: "dict[str, Any] | None" = None, locals: "Any | None" = None) -> "Any":
        """Execute the code and return its result as `return_mode` says.

        Parameters
        ----------
        globals:
            The global scope; None means a new one.
        locals:
            The local scope; None means the global scope.

        Raises
        ------
        RuntimeError
            If `compile()` was not called, or if the code uses await at top level.
        """
        code, result_code = self._check_compiled(), self.result_code
        if (code.co_flags | (result_code.co_flags if result_code else 0)) & _CO_COROUTINE:
            raise RuntimeError("The code uses await at top level: use run_async or eval_code_async")
        if globals is None:
            globals = {}
        if locals is None:
            locals = globals
        value = _eval(code, globals, locals)
        if result_code is not None:
            value = _eval(result_code, globals, locals)
        return None if self.return_mode == "none" else value

    async def run_async(
        self, globals: "dict[str, Any] | None" = None, locals: "Any | None" = None
    ) -> "Any":
        """Execute code that may use await at top level (see `run` for the parameters).

        Top-level await has to be allowed by the flag ``ast.PyCF_ALLOW_TOP_LEVEL_AWAIT``.
        """
        code, result_code = self._check_compiled(), self.result_code
        if globals is None:
            globals = {}
        if locals is None:
            locals = globals
        value = _eval(code, globals, locals)
        if code.co_flags & _CO_COROUTINE:
            value = await value
        if result_code is not None:
            value = _eval(result_code, globals, locals)
            if result_code.co_flags & _CO_COROUTINE:
                value = await value
        return None if self.return_mode == "none" else value


def _show_in_tracebacks(source: str, filename: str) -> None:
    """Let tracebacks show the lines of `source`, unless its name says that it is no file."""
    if filename.startswith("<") and filename.endswith(">"):
        return
    import linecache

    lines = dedent(source).splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)


def eval_code(
    source: str,
    globals: "dict[str, Any] | None" = None,
    locals: "Any | None" = None,
    *,
    return_mode: "ReturnMode" = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
) -> "Any":
    r"""Execute `source` and return the value of its final expression.

    Parameters
    ----------
    source:
        Python source; indentation shared by all lines is removed.
    globals:
        The global scope; None means a new one.
    locals:
        The local scope; None means the global scope.
    filename:
        Name of the source in tracebacks, which show its lines unless the name has the form
        ``<...>``.
    return_mode, quiet_trailing_semicolon, flags, dont_inherit, optimize:
        See `CodeRunner`.

    Raises
    ------
    SyntaxError
        If the source is not valid.
    RuntimeError
        If `flags` allow top-level await and the source uses it.

    Examples
    --------
    >>> eval_code("x = 6\nx * 7")
    42
    >>> eval_code("x = 6; x * 7;")
    >>> eval_code("x = 6", return_mode="last_expr_or_assign")
    6
    """
    _show_in_tracebacks(source, filename)
    return (
        CodeRunner(
            source,
            return_mode=return_mode,
            quiet_trailing_semicolon=quiet_trailing_semicolon,
            filename=filename,
            flags=flags,
            dont_inherit=dont_inherit,
            optimize=optimize,
        )
        .compile()
        .run(globals, locals)
    )


async def eval_code_async(
    source: str,
    globals: "dict[str, Any] | None" = None,
    locals: "Any | None" = None,
    *,
    return_mode: "ReturnMode" = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
) -> "Any":
    """Execute `source`, in which top-level await is allowed; otherwise the same as `eval_code`."""
    _show_in_tracebacks(source, filename)
    return await (
        CodeRunner(
            source,
            return_mode=return_mode,
            quiet_trailing_semicolon=quiet_trailing_semicolon,
            filename=filename,
            flags=flags | _TOP_LEVEL_AWAIT,
            dont_inherit=dont_inherit,
            optimize=optimize,
        )
        .compile()
        .run_async(globals, locals)
    )


def find_imports(source: str) -> list[str]:
    r"""List the modules that `source` imports anywhere, sorted and without repetition.

    A dotted name is listed with all its parents; relative imports are left out. A source with a
    syntax error gives an empty list.

    Examples
    --------
    >>> find_imports("import numpy as np\nfrom os.path import join")
    ['numpy', 'os', 'os.path']
    """
    try:
        tree = _compile(dedent(source), "<exec>", "exec", _ONLY_AST | _TOP_LEVEL_AWAIT, True)
    except (SyntaxError, ValueError):
        return []
    names: set[str] = set()
    pending: list[_ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, _ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
        for field in node._fields:
            child = getattr(node, field, None)
            if isinstance(child, list):
                pending.extend(item for item in child if isinstance(item, _ast.AST))
            elif isinstance(child, _ast.AST):
                pending.append(child)
    for name in list(names):
        while "." in name:
            name = name.rpartition(".")[0]
            names.add(name)
    return sorted(names)
