"""Shared libraries of WebAssembly as tests need them, written byte by byte.

Each exports functions without parameters that return an int: a constant, or the sum of what
imported functions return.
"""

from __future__ import annotations

I32_CONST, CALL, I32_ADD, END = 0x41, 0x10, 0x6A, 0x0B


def _number(value: int) -> bytes:
    """An unsigned LEB128 number."""
    out = bytearray()
    while True:
        value, byte = value >> 7, value & 127
        out.append(byte | (128 if value else 0))
        if not value:
            return bytes(out)


def _signed(value: int) -> bytes:
    """A signed LEB128 number."""
    out = bytearray()
    while True:
        byte, value = value & 127, value >> 7
        last = value == (-1 if byte & 64 else 0)
        out.append(byte | (0 if last else 128))
        if last:
            return bytes(out)


def _text(text: str) -> bytes:
    return _number(len(text.encode())) + text.encode()


def _vector(items: list[bytes]) -> bytes:
    return _number(len(items)) + b"".join(items)


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _number(len(content)) + content


def library(
    functions: dict[str, int | list[str]],
    needed: list[str] | None = None,
    runtime_paths: list[str] | None = None,
    weak: list[str] | None = None,
    padding: int = 0,
) -> bytes:
    """A library.

    functions: name -> the constant it returns, or names of imported functions whose results it adds. needed: names of
    libraries. runtime_paths: where they are. weak: imports that may be missing. padding: bytes that make it larger.
    """
    imports = sorted(
        {name for body in functions.values() if isinstance(body, list) for name in body}
    )
    parts = [(1, _number(0) * 4)]
    if needed:
        parts.append((2, _vector([_text(name) for name in needed])))
    if weak:
        rows = [_text("env") + _text(name) + _number(1) for name in weak]
        parts.append((4, _vector(rows)))
    if runtime_paths:
        parts.append((5, _vector([_text(path) for path in runtime_paths])))
    dylink = _text("dylink.0") + b"".join(_section(number, content) for number, content in parts)

    def body(content: int | list[str]) -> bytes:
        if isinstance(content, int):
            code = bytes([I32_CONST]) + _signed(content)
        else:
            calls = [bytes([CALL]) + _number(imports.index(name)) for name in content]
            code = b"".join(calls) + bytes([I32_ADD]) * (len(calls) - 1)
        whole = b"\0" + code + bytes([END])
        return _number(len(whole)) + whole

    exports = [_text(name) + b"\0" + _number(len(imports) + i) for i, name in enumerate(functions)]
    return b"".join(
        [
            b"\0asm\1\0\0\0",
            _section(0, dylink),
            _section(1, _vector([b"\x60\x00\x01\x7f"])),
            _section(2, _vector([_text("env") + _text(name) + b"\0\0" for name in imports])),
            _section(3, _vector([b"\0"] * len(functions))),
            _section(7, _vector(exports)),
            _section(10, _vector([body(content) for content in functions.values()])),
            _section(0, _text("padding") + b"\0" * padding) if padding else b"",
        ]
    )
