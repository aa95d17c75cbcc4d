"""Values on the pipe between pytest and the runtime under test: JSON with tags for what JSON cannot say.

The JavaScript twin is codec.mjs. On this side: JavaScript's `undefined` and Python's `None` are `None`, `null` and
`jsnull` are `NULL`, a missing array element is `HOLE`, a bigint is a `BigInt` (an int that knows where it came from).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


class Marker:
    """A value without content that is only ever compared by identity."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


NULL = Marker("NULL")
HOLE = Marker("HOLE")


class BigInt(int):
    """A JavaScript bigint. Equal to the int of the same value; `kind(x)` tells it from a number."""

    def __repr__(self) -> str:
        return f"{int(self)}n"


@dataclass(frozen=True)
class Opaque:
    """An object that is not plain data: a proxy, a function, an instance of a class.

    `kind` is the constructor's name (or "PyProxy"/"JsProxy"), `type` the type seen on the other side.
    """

    kind: str
    type: str
    text: str


@dataclass(frozen=True)
class Cycle:
    """A reference to the container `levels` levels further out."""

    levels: int


def kind(value: object) -> str:
    """Name the JavaScript type that a decoded value had: number, bigint, string, undefined, Array ..."""
    if isinstance(value, Opaque):
        return value.kind
    names: list[tuple[type, str]] = [
        (type(None), "undefined"),
        (bool, "boolean"),
        (BigInt, "bigint"),
        (int, "number"),
        (float, "number"),
        (str, "string"),
        (list, "Array"),
        (dict, "Object"),
    ]
    if value is NULL:
        return "null"
    for cls, name in names:
        if isinstance(value, cls):
            return name
    raise TypeError(f"no JavaScript kind for {value!r}")


def encode(value: Any) -> Any:
    """Turn a value of a test into JSON-able data.

    Raises TypeError for a value that has no encoding.
    """
    if value is None or isinstance(value, bool):
        return value
    if value is NULL:
        return {"$t": "null"}
    if value is HOLE:
        return {"$t": "hole"}
    if isinstance(value, int):
        safe = abs(value) < 2**53 and not isinstance(value, BigInt)
        return int(value) if safe else {"$t": "bigint", "v": str(int(value))}
    if isinstance(value, float):
        if math.isfinite(value) and not (value == 0 and math.copysign(1, value) < 0):
            return value
        names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN", "-0.0": "-0"}
        return {"$t": "num", "v": names[repr(value)]}
    if isinstance(value, str):
        if any(0xD800 <= ord(c) < 0xE000 for c in value):
            return {"$t": "cps", "v": [ord(c) for c in value]}
        return value
    if isinstance(value, bytes):
        return {"$t": "bytes", "v": value.hex()}
    if isinstance(value, tuple):
        return {"$t": "tuple", "v": [encode(item) for item in value]}
    if isinstance(value, list):
        return {"$t": "list", "v": [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"$t": "dict", "v": [[encode(k), encode(v)] for k, v in value.items()]}
    raise TypeError(f"the test harness cannot send {type(value).__name__} to the runtime")


def _decode_number(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def decode(data: Any) -> Any:
    """Turn what the runtime sent into a value for assertions."""
    if not isinstance(data, dict):
        return data
    tag, content = data["$t"], data.get("v")
    if tag in ("list", "tuple", "Set"):
        items = [decode(item) for item in content]
        return tuple(items) if tag == "tuple" else items
    if tag in ("dict", "Map"):
        return {_hashable(decode(k)): decode(v) for k, v in content}
    simple = {
        "null": lambda: NULL,
        "hole": lambda: HOLE,
        "num": lambda: _decode_number(content),
        "bigint": lambda: BigInt(content),
        "cps": lambda: "".join(map(chr, content)),
        "bytes": lambda: bytes.fromhex(content),
        "cycle": lambda: Cycle(content),
        "opaque": lambda: Opaque(data["kind"], data["type"], data["text"]),
    }
    return simple[tag]()


def _hashable(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key
