"""The JavaScript examples of docs/streams-and-files.md run, and give what they say."""

from __future__ import annotations

import re

import pytest

from harness.runtime import ROOT, Runtime

PAGE = (ROOT / "docs" / "streams-and-files.md").read_text()
EXAMPLES = re.findall(r"^```js\n(.*?)^```$", PAGE, re.M | re.S)

COMPARE = """
    const compare = (...values) => {
        const [got, expected] = values.map((value) => JSON.stringify(value));
        if (got !== expected) throw new Error(`${got} instead of ${expected}`);
    };
"""

pytestmark = pytest.mark.usefixtures("default_streams")


def checked(example: str) -> str:
    """The example with a comparison in the place of each `// →`."""
    ended = re.sub(r"(; // → .*)$", r"\1;", example.strip(), flags=re.M)
    parts = []
    for statement in re.split(r"(?<=;)\n(?=\S)", ended):
        found = re.fullmatch(r"(.*); // → (.*);", statement, re.S)
        parts.append(f"compare({found[1]}, {found[2]});" if found else statement)
    return "\n".join(parts)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example(rt: Runtime, number: int) -> None:
    """The example runs; each result that it names is what it gives."""
    example = EXAMPLES[number]
    code = checked(example)
    assert code.count("compare(") == example.count("// →") >= 1
    rt.js(COMPARE + code)


def test_examples_are_found() -> None:
    """The page has the examples that it is known to have."""
    assert len(EXAMPLES) == 6
