"""Fixtures of the whole test suite: runtimes in Node, in both conversion modes, with a leak check around every test.

A test that takes `rt` runs once a mode; `@pytest.mark.modes("native")` restricts it. One Node process serves a module and
mode; after each test its state is put back, and a test that leaves a live reference, proxy or frame behind fails.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.errors import RuntimeGone
from harness.runtime import MODES, Runtime, dist_dir
from harness.web import WebServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mode`, which restricts the tests of the bridge to one conversion mode."""
    parser.addoption("--mode", choices=MODES, help="run the bridge tests in this mode only")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and choose hypothesis' seed, so that it can be printed and given again."""
    config.addinivalue_line("markers", "modes(*names): conversion modes in which the test runs")
    config.addinivalue_line("markers", "switches_stacks: modules whose runtimes need JSPI")
    config.addinivalue_line("markers", "keeps_state: the test may leave references behind")
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(random.randrange(2**32))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is tested and with which seed."""
    seed = getattr(config.option, "hypothesis_seed", "?")
    return [f"runtime: {dist_dir().name}/", f"hypothesis: --hypothesis-seed={seed}"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that take `rt` in each mode they are meant for."""
    if "rt" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("modes")
    modes = list(marker.args if marker else MODES)
    only = metafunc.config.getoption("--mode")
    if only:
        modes = [mode for mode in modes if mode == only]
    metafunc.parametrize("rt", modes, indirect=True)


@pytest.fixture(scope="module")
def runtimes() -> Iterator[dict[str, Runtime]]:
    """The runtimes of a test module by mode, started when first asked for."""
    pool: dict[str, Runtime] = {}
    yield pool
    for runtime in pool.values():
        runtime.close()


@pytest.fixture
def rt(request: pytest.FixtureRequest, runtimes: dict[str, Runtime]) -> Runtime:
    """A runtime in the mode of this run of the test."""
    mode = request.param
    if mode not in runtimes or not runtimes[mode].alive:
        if request.node.get_closest_marker("switches_stacks"):
            runtimes[mode] = Runtime(mode, node=request.getfixturevalue("switching_node"))
        else:
            runtimes[mode] = Runtime(mode)
    return runtimes[mode]


def _switching_node() -> str | None:
    """A node that can switch stacks (JSPI), or None."""
    for node in (os.environ.get("PYODIDE_SWITCHING_NODE"), shutil.which("node")):
        if node is None:
            continue
        asked = [node, "-p", "typeof WebAssembly.Suspending"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.stdout.strip() == "function":
            return node
    return None


@pytest.fixture(scope="session")
def switching_node() -> str:
    """A node that can switch stacks."""
    node = _switching_node()
    if node is None:
        pytest.skip(
            "needs a Node that can switch stacks (25 or later): `make test` gets one from npm; "
            "otherwise name one in PYODIDE_SWITCHING_NODE"
        )
    return node


@pytest.fixture
def fresh() -> Iterator[Callable[..., Runtime]]:
    """Make runtimes of the test's own, for options of loadPyodide and for what ruins a runtime."""
    made: list[Runtime] = []

    def make(*args: object, **kwargs: object) -> Runtime:
        runtime = Runtime(*args, **kwargs)  # type: ignore[arg-type]
        made.append(runtime)
        return runtime

    yield make
    for runtime in made:
        runtime.close()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Restore the runtime's state after a test and fail a test that leaves something behind."""
    runtime = pyfuncitem.funcargs.get("rt")
    if not isinstance(runtime, Runtime):
        return (yield)
    runtime.begin()
    try:
        result = yield
    except BaseException:
        _restore(runtime)
        raise
    problems = runtime.end()
    if problems and not pyfuncitem.get_closest_marker("keeps_state"):
        # What leaked stays; later tests of the module start from there.
        pytest.fail("\n".join(problems), pytrace=False)
    return result


def _restore(runtime: Runtime) -> None:
    """Put the state back after a failed test; a runtime that cannot is given up, and the next test gets a new one."""
    if not runtime.alive:
        return
    try:
        runtime.end()
    except Exception as error:
        if not isinstance(error, RuntimeGone):
            runtime.close()


@pytest.fixture(scope="session")
def web() -> Iterator[WebServer]:
    """A web server with answers of every kind: see harness/web.py."""
    running = WebServer()
    yield running
    running.close()
