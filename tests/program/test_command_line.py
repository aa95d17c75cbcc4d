"""`dist/python` takes the command line of CPython's `python`, and ends as it does."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Python = Callable[..., subprocess.CompletedProcess[str]]

SHOW_ARGV = "import sys; print(sys.argv)"


def test_command(python: Python) -> None:
    done = python("-c", SHOW_ARGV + "; print('err', file=sys.stderr)", "a", "-b")
    assert (done.stdout, done.stderr, done.returncode) == ("['-c', 'a', '-b']\n", "err\n", 0)


def test_script_with_its_folder_on_the_path(python: Python, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("value = 'helped'")
    script = tmp_path / "lib" / "main.py"
    script.write_text("import sys, helper\nprint(helper.value, sys.argv, __file__, __name__)\n")
    expected = f"helped ['lib/main.py', '1'] {tmp_path}/lib/main.py __main__\n"
    assert python("lib/main.py", "1").stdout == expected
    assert python(script).stdout == f"helped ['{script}'] {script} __main__\n"


def test_folder_and_archive_with_main(python: Python, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("print('in', __spec__.name)")
    assert python("app").stdout == "in __main__\n"
    python("-m", "zipapp", "app", "-o", "app.pyz")
    assert python("app.pyz").stdout == "in __main__\n"


def test_module(python: Python, tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("import sys; print(__name__, sys.argv)")
    assert python("-m", "tool", "x").stdout == f"__main__ ['{tmp_path}/tool.py', 'x']\n"
    assert python("-m", "json.tool", "-", stdin='{"a":[]}').stdout == '{\n    "a": []\n}\n'
    missing = python("-m", "no_such_module")
    assert missing.returncode == 1
    assert missing.stderr.endswith("No module named no_such_module\n")


@pytest.mark.parametrize("dash", [(), ("-",)])
def test_program_on_standard_input(python: Python, dash: tuple[str, ...]) -> None:
    done = python(*dash, stdin="import sys\nprint(__name__, sys.argv)\n")
    assert done.stdout == f"__main__ {list(dash) or ['']}\n"


def test_file_as_standard_input(program: Path, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_text("print('from a file')")
    with file.open() as stream:
        done = subprocess.run([program], stdin=stream, capture_output=True, check=True)
    assert done.stdout == b"from a file\n"


def test_missing_script(python: Python, program: Path, tmp_path: Path) -> None:
    done = python("missing.py")
    assert done.returncode == 2
    path = tmp_path / "missing.py"
    assert (
        done.stderr
        == f"{program}: can't open file '{path}': [Errno 44] No such file or directory\n"
    )


def test_interactive_after_command(python: Python) -> None:
    done = python("-i", "-c", "x = 5", stdin="x + 1\n")
    assert done.stdout == "6\n"
    assert ">>> " in done.stderr


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["-E", "-c", "import os, sys; print(os.environ['PYTHONPATH'], '/nowhere' in sys.path)"], "/nowhere False"),
        (["-c", "import sys; print('/nowhere' in sys.path)"], "True"),
        (["-I", "-c", "import sys; print(sys.flags.isolated, '' in sys.path)"], "1 False"),
        (["-P", "-c", "import sys; print('' in sys.path)"], "False"),
        (["-s", "-c", "import sys; print(sys.flags.no_user_site)"], "1"),
        (["-S", "-c", "import sys; print('site' in sys.modules)"], "False"),
        (["-O", "-c", "assert False; print(__debug__)"], "False"),
        (["-OO", "-c", "def f(): 'doc'\nprint(f.__doc__)"], "None"),
        (["-B", "-c", "import sys; print(sys.dont_write_bytecode)"], "True"),
        (["-u", "-c", "import sys; print(sys.stdout.write_through)"], "True"),
        (["-Werror", "-c", "import sys; print(sys.warnoptions)"], "['error']"),
        (["-X", "utf8=0", "-X", "own", "-c", "import sys; print(sys._xoptions)"], "{'utf8': '0', 'own': True}"),
        (["-q", "-c", "import sys; print(sys.flags.quiet)"], "1"),
        (["-bb", "-c", "import sys; print(sys.flags.bytes_warning)"], "2"),
        (["-V"], "Python 3.13.5"),
    ],
)  # fmt: skip
def test_options(python: Python, args: list[str], shown: str) -> None:
    done = python(*args, env={"PYTHONPATH": "/nowhere"})
    assert (done.stdout, done.returncode) == (shown + "\n", 0)


def test_verbose(python: Python) -> None:
    assert "import 'site'" in python("-v", "-c", "pass").stderr


def test_first_line_skipped(python: Python, tmp_path: Path) -> None:
    (tmp_path / "script").write_text("not Python\nprint('second line')\n")
    assert python("-x", "script").stdout == "second line\n"


def test_help_of_python_and_ours(python: Python) -> None:
    done = python("-h")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ")
    assert "-c cmd : program passed in as string" in done.stdout
    assert "-X conversion=proxy" in done.stdout
    assert "-X conversion" not in python("-c", "print(1)", "-h").stdout


def test_unknown_option(python: Python) -> None:
    done = python("-Z")
    assert done.returncode == 2
    assert done.stderr.startswith("Unknown option: -Z\nusage: ")


def test_option_of_ours(python: Python) -> None:
    code = "import js; print(isinstance(js.Array.of(1), list))"
    assert python("-c", code).stdout == "True\n"
    assert python("-X", "conversion=proxy", "-c", code).stdout == "False\n"
    wrong = python("-Xconversion=other", "-c", code)
    assert wrong.returncode == 2
    assert wrong.stderr == "python: -X conversion must be native or proxy, not 'other'\n"


@pytest.mark.spec("5.4/4")
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("raise SystemExit(7)", 7, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit('message')", 1, "message\n"),
        ("import os; os._exit(9)", 9, ""),
        ("import sys; sys.exit(130)", 130, ""),
        ("raise ValueError('wrong')", 1, "ValueError: wrong\n"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt\n"),
        ("def f(:", 1, "SyntaxError: invalid syntax\n"),
    ],
)
def test_exit_status(python: Python, code: str, status: int, error: str) -> None:
    done = python("-c", code)
    assert done.returncode == status
    assert done.stderr.endswith(error)
    assert bool(done.stderr) == bool(error)


def test_end_of_the_interpreter(python: Python) -> None:
    """What is left is run and flushed at the end, in CPython's order."""
    code = """
import atexit, sys
class Last:
    def __del__(self): print("deleted")
last = Last()
atexit.register(print, "atexit")
sys.stdout.write("no newline ")
"""
    assert python("-c", code).stdout == "no newline atexit\ndeleted\n"


def test_environment(python: Python) -> None:
    code = "import os; print(os.environ['GREETING'], os.path.expanduser('~'), 'PYTHONINSPECT' in os.environ)"
    done = python("-c", code, env={"GREETING": "grüß dich", "HOME": "/some/where"})
    assert done.stdout == "grüß dich /some/where False\n"


def test_variables_of_python(python: Python) -> None:
    code = "import sys; print(sys.flags.optimize, sys.flags.hash_randomization)"
    env = {"PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "0"}
    assert python("-c", code, env=env).stdout == "2 0\n"


def test_executable_through_a_link(python: Python, program: Path, tmp_path: Path) -> None:
    link = tmp_path / "py"
    link.symlink_to(program)
    code = "import sys; print(sys.executable, sys._base_executable, sys.orig_argv[0])"
    assert python("-c", code, executable=link).stdout == f"{link} {program} {link}\n"


def test_javascript(python: Python) -> None:
    """Output of JavaScript and of Python come in order."""
    code = "import js, sys; js.console.log('a'); print('b', flush=True); js.console.log('c')"
    assert python("-c", code).stdout == "a\nb\nc\n"
    assert python("-c", "import js; print(js.process.pid > 0)").stdout == "True\n"
    error = python("-c", "import js; js.JSON.parse('{')").stderr
    assert error.splitlines()[-1].startswith("pyodide.ffi.JsException: SyntaxError")


def test_deep_recursion_is_an_error(python: Python) -> None:
    code = """
import json, sys
nested = []
for _ in range(100_000): nested = [nested]
for action in (repr, json.dumps):
    try: action(nested)
    except RecursionError: print("RecursionError")
sys.setrecursionlimit(30_000)
def down(n): return n and down(n - 1)
print(down(20_000))
"""
    assert python("-c", code).stdout == "RecursionError\nRecursionError\n0\n"


def test_broken_pipe(program: Path) -> None:
    code = "import sys\ntry:\n while True: print('x' * 1000)\nexcept BrokenPipeError: sys.stderr.write('broken'); import os; os._exit(4)"
    with subprocess.Popen(
        [program, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b"broken"
        assert process.wait(60) == 4


def test_bytes_through_standard_streams(python: Python) -> None:
    """Every byte passes, and more than fits into one answer of the main thread."""
    data = bytes(range(256)) * 1024
    code = "import sys; data = sys.stdin.buffer.read(); sys.stdout.write(str(len(data))); sys.stdout.flush(); sys.stdout.buffer.write(data[:256]); sys.exit(data != bytes(range(256)) * 1024)"
    done = python("-c", code, stdin=data)
    assert done.returncode == 0
    assert done.stdout.encode(errors="surrogateescape") == str(len(data)).encode() + bytes(
        range(256)
    )


def test_lines_of_standard_input(python: Python) -> None:
    code = "print(input('name? ')); import sys; print(sys.stdin.readline(), sys.stdin.read())\ntry: input()\nexcept EOFError: print('end')"
    assert (
        python("-c", code, stdin="one\ntwo\nthree\nfour").stdout
        == "name? one\ntwo\n three\nfour\nend\n"
    )
