"""The text of an exception that leaves Python: the message of the JavaScript `PythonError`."""

import sys

from ._importhook import explain_import_error


def _note_foreign_files(exc: BaseException) -> None:
    """Tell `linecache` that there are no lines to be had of JavaScript's files.

    It would look for each of them in every folder of `sys.path`, and again for each traceback.
    """
    import linecache

    step = exc.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if ("://" in name or name.startswith("node:")) and name not in linecache.cache:
            linecache.cache[name] = (0, None, [], name)
        step = step.tb_next


def _format_default(exc: BaseException) -> str:
    """Format `exc` as the interpreter prints it, with its causes, contexts and notes."""
    import traceback

    _note_foreign_files(exc)
    return "".join(traceback.format_exception(exc))


def format_exception(exc: BaseException, /) -> str:
    """Return the complete traceback of `exc`, as `sys.excepthook` prints it.

    A replaced `sys.excepthook` is called with `sys.stderr` captured, so that programs can choose
    the message of their errors. If the hook itself fails, both errors are shown.
    A ModuleNotFoundError gets a note which says what can be done about it.
    """
    explain_import_error(exc)
    hook = sys.excepthook
    if hook is sys.__excepthook__:
        return _format_default(exc)
    import io

    stderr, captured = sys.stderr, io.StringIO()
    sys.stderr = captured
    try:
        hook(type(exc), exc, exc.__traceback__)
    except Exception as hook_error:
        return (
            f"{captured.getvalue()}Error in sys.excepthook:\n{_format_default(hook_error)}\n"
            f"Original exception was:\n{_format_default(exc)}"
        )
    finally:
        sys.stderr = stderr
    return captured.getvalue()
