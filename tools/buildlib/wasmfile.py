"""Reads the export names of a WebAssembly file, and marks it with the name of a build."""

from __future__ import annotations

from pathlib import Path

EXPORT_SECTION = 7
HEADER_BYTES = 8


def exported_names(file: Path) -> set[str]:
    """Return the names that a WebAssembly module exports.

    Raises
    ------
    ValueError
        it is not a WebAssembly file.
    """
    data = file.read_bytes()
    if data[:4] != b"\0asm":
        raise ValueError(f"{file.name} is not a WebAssembly file")
    position = HEADER_BYTES
    while position < len(data):
        section = data[position]
        size, position = _number(data, position + 1)
        if section == EXPORT_SECTION:
            return _names(data, position)
        position += size
    return set()


def mark(file: Path, name: str, content: bytes) -> None:
    """Append a custom section to a WebAssembly file."""
    encoded = name.encode()
    body = bytes([len(encoded)]) + encoded + content
    if len(body) > 0x7F:
        raise ValueError("the section is too long")
    with file.open("ab") as output:
        output.write(bytes([0, len(body)]) + body)


def _names(data: bytes, position: int) -> set[str]:
    count, position = _number(data, position)
    names = set()
    for _ in range(count):
        length, position = _number(data, position)
        names.add(data[position : position + length].decode())
        # The name is followed by one byte of kind and the index.
        _, position = _number(data, position + length + 1)
    return names


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Decode an unsigned LEB128 number; return it and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, position
