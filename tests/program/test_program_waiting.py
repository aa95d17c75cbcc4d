"""asyncio and sleep in a program: they block, as in CPython; promises too, where the engine can."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Python = Callable[..., subprocess.CompletedProcess[str]]

TASKS = """
import asyncio

async def job(name, rounds):
    for i in range(rounds):
        await asyncio.sleep(0)
        print(name, i)
    return name

async def main():
    results = await asyncio.gather(job("a", 2), job("b", 1))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1000)
    except TimeoutError:
        print("timeout")
    print(await asyncio.to_thread(lambda: "in place of a thread"))
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(queue.put("from a queue"))
        print(await queue.get())
    return results

print(asyncio.run(main()), "then goes on")
"""

PROMISES = """
import asyncio, js
from pyodide.ffi import JsException

async def main():
    promise = js.Promise.new(lambda resolve, reject: js.setTimeout(resolve, 10, "resolved"))
    print(await promise)
    print(await asyncio.gather(asyncio.sleep(0.01, "slept"), js.Promise.resolve("at once")))
    try:
        await js.Promise.reject(js.Error.new("refused"))
    except JsException as error:
        print(error.message)

asyncio.run(main())
print("after")
"""


def test_asyncio_run_blocks(python: Python) -> None:
    done = python("-c", TASKS)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        *("a 0", "b 0", "a 1", "timeout", "in place of a thread", "from a queue"),
        "['a', 'b'] then goes on",
    ]


def test_rules_of_asyncio_hold(python: Python) -> None:
    """No loop runs outside of asyncio.run, a loop can be made, run and closed."""
    code = """
import asyncio
try: asyncio.get_running_loop()
except RuntimeError as error: print(error)
loop = asyncio.new_event_loop()
loop.call_later(0.001, loop.stop)
loop.run_forever()
loop.close()
print(loop.is_closed(), type(asyncio.EventLoop()).__name__)
async def fails(): raise ValueError("wrong")
try: asyncio.run(fails())
except ValueError as error: print(error)
async def leaves(): raise SystemExit(3)
asyncio.run(leaves())
"""
    done = python("-c", code)
    assert done.stdout == "no running event loop\nTrue ProgramLoop\nwrong\n"
    assert done.returncode == 3


def test_promise_that_nothing_can_wait_for(python: Python) -> None:
    code = "import asyncio, js\nasync def main(): await js.Promise.new(lambda a, b: None)\nasyncio.run(main())"
    done = python("-c", code + "\n")
    assert done.returncode == 1
    assert "the engine can switch stacks (JSPI): in Node 25 or later" in done.stderr


def test_sleep_lasts_as_long_as_asked(python: Python) -> None:
    code = "import time\nbegun = time.monotonic()\ntime.sleep(0.5)\nprint(time.monotonic() - begun >= 0.5)"
    assert python("-c", code).stdout == "True\n"


@pytest.mark.spec("8.2/4")
def test_promises_where_stacks_are_switched(python: Python, switching_node: str) -> None:
    done = python("-c", PROMISES, node=switching_node)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        *("resolved", "['slept', 'at once']", "refused", "after"),
    ]


def test_run_sync(python: Python, switching_node: str) -> None:
    code = """
import asyncio, js
from pyodide.ffi import run_sync
print(run_sync(js.Promise.resolve(1)), run_sync(asyncio.sleep(0.01, 2)))
async def main():
    other = asyncio.create_task(asyncio.sleep(0.001, 4))
    return run_sync(asyncio.sleep(0.01, 3)), other.done()
print(asyncio.run(main()))
"""
    done = python("-c", code, node=switching_node)
    assert (done.stdout, done.stderr) == ("1 2\n(3, True)\n", "")


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(4)",
        "import os; os._exit(4)",
        "import asyncio\nasync def main(): raise SystemExit(4)\nasyncio.run(main())",
    ],
)
def test_exit_where_stacks_are_switched(python: Python, switching_node: str, code: str) -> None:
    done = python("-c", code, node=switching_node)
    assert (done.returncode, done.stderr) == (4, "")
