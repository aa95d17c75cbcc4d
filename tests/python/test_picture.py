"""`pyodide.picture`: PNG files of arrays of pixels."""

from __future__ import annotations

import doctest
import struct
import zlib

import pytest

from pyodide import picture
from pyodide.picture import Picture

COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}


def decode(png: bytes) -> tuple[tuple[int, int, int], list[bytes]]:
    """Width, height and colour type of a PNG file, and its rows."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", png, at + 8 + size) == (zlib.crc32(kind + data),)
        chunks[kind] = data
        at += 12 + size
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    rows = zlib.decompress(chunks[b"IDAT"])
    length = len(rows) // height
    lines = [rows[i : i + length] for i in range(0, len(rows), length)]
    assert {line[0] for line in lines} == {0}
    return (width, height, colour), [line[1:] for line in lines]


def pixels(*shape: int) -> memoryview:
    """An array of that shape that counts from 1."""
    size = 1
    for length in shape:
        size *= length
    return memoryview(bytearray(range(1, size + 1))).cast("B", list(shape))


@pytest.mark.parametrize("channels", COLOURS)
def test_channels(channels: int) -> None:
    header, rows = decode(Picture(pixels(2, 3, channels)).to_png())
    assert header == (3, 2, COLOURS[channels])
    assert b"".join(rows) == bytes(range(1, 6 * channels + 1))


def test_grey_and_strides() -> None:
    header, rows = decode(Picture(pixels(4, 2)[::-2])._repr_png_())
    assert header == (2, 2, 0)
    assert rows == [b"\x07\x08", b"\x03\x04"]


def test_bools_are_black_and_white() -> None:
    view = memoryview(bytearray([0, 1])).cast("?", [1, 2])
    assert decode(Picture(view).to_png())[1] == [b"\0\xff"]


def test_scale() -> None:
    picture = Picture(pixels(1, 2, 2), scale=3)
    assert (picture.width, picture.height, repr(picture)) == (6, 3, "<Picture of 6 x 3 pixels>")
    header, rows = decode(picture.to_png())
    assert header == (6, 3, 4)
    assert rows == [bytes([1, 2] * 3 + [3, 4] * 3)] * 3


def test_a_copy() -> None:
    data = bytearray(4)
    picture = Picture(memoryview(data).cast("B", [2, 2]))
    data[0] = 9
    data.append(1)
    assert decode(picture.to_png())[1] == [b"\0\0"] * 2


@pytest.mark.parametrize(
    ("value", "scale", "kind", "message"),
    [
        ("text", 1, TypeError, "bytes-like object"),
        (memoryview(bytearray(16)).cast("d", [1, 2]), 1, TypeError, "from 0 to 255, not items of format 'd'"),
        (memoryview(bytearray(4)).cast("b", [2, 2]), 1, TypeError, "astype"),
        (bytes(4), 1, ValueError, r"not \(4,\)"),
        (pixels(1, 2, 5), 1, ValueError, r"not \(1, 2, 5\)"),
        (pixels(1, 2, 2, 1), 1, ValueError, r"not \(1, 2, 2, 1\)"),
        (pixels(2, 2)[:0], 1, ValueError, "no pixels"),
        (pixels(2, 2), 0, ValueError, "scale must be at least 1, but is 0"),
    ],
)  # fmt: skip
def test_what_is_no_picture(value: object, scale: int, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        Picture(value, scale=scale)


def test_the_examples() -> None:
    assert doctest.testmod(picture) == (0, 2)
