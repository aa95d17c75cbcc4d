"""Arrays of pixels as pictures: consoles and notebooks show them, others get a PNG file."""

import struct
import zlib
from typing import Any

__all__ = ["Picture"]

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG's number for grey, grey with alpha, RGB and RGBA, by the count of channels."""


class Picture:
    """A picture made of an array of pixels, such as numpy's.

    As a value in the console or in a notebook it is shown as what it is, for it has IPython's
    method `_repr_png_`. An array alone is shown by its repr.

    Parameters
    ----------
    pixels
        Buffer of unsigned bytes (numpy's dtype uint8) or bools, of shape (height, width) for grey
        values or (height, width, channels) with 1 to 4 channels: grey, grey and alpha, RGB, RGBA.
        Any strides will do. The pixels are copied.
    scale
        How many pixels of the picture, in each direction, a pixel of the array becomes.

    Raises
    ------
    TypeError
        `pixels` is no buffer, or one of other items.
    ValueError
        `pixels` has another shape or no pixels, or `scale` is less than 1.

    Examples
    --------
    >>> Picture(bytearray([0, 255] * 2))
    Traceback (most recent call last):
    ...
    ValueError: a picture has the shape (height, width) or (height, width, 1 to 4), not (4,)
    >>> Picture(memoryview(bytearray([0, 255] * 2)).cast("B", (2, 2)), scale=8)
    <Picture of 16 x 16 pixels>
    """

    def __init__(self, pixels: Any, *, scale: int = 1) -> None:
        with memoryview(pixels) as view:
            if view.format not in ("B", "?", "<B"):
                raise TypeError(
                    f"pixels are bytes from 0 to 255, not items of format {view.format!r}; of "
                    "numbers from 0 to 1, numpy makes them with (255 * a).astype('uint8')"
                )
            shape = view.shape or ()
            channels = shape[2] if view.ndim == 3 else 1
            if view.ndim not in (2, 3) or channels not in _COLOUR_TYPES:
                known = "(height, width) or (height, width, 1 to 4)"
                raise ValueError(f"a picture has the shape {known}, not {shape}")
            if 0 in shape:
                raise ValueError(f"a picture of shape {shape} has no pixels")
            if scale < 1:
                raise ValueError(f"scale must be at least 1, but is {scale}")
            data = view.tobytes()
            if view.format == "?":
                data = data.translate(bytes([0]) + bytes([255]) * 255)
        self._height, self._width, self._channels = shape[0], shape[1], channels
        self._data = data
        self._scale = scale

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._width * self._scale

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._height * self._scale

    def _rows(self) -> bytes:
        """The rows as PNG has them: each begins with the number of its filter, 0 for none."""
        size, scale = self._width * self._channels, self._scale
        rows = []
        for start in range(0, len(self._data), size):
            row = self._data[start : start + size]
            if scale > 1:
                wide = bytearray(size * scale)
                for channel in range(self._channels):
                    values = row[channel :: self._channels]
                    for step in range(scale):
                        at = step * self._channels + channel
                        wide[at :: self._channels * scale] = values
                row = bytes(wide)
            rows.append((b"\0" + row) * scale)
        return b"".join(rows)

    def to_png(self) -> bytes:
        """Return the bytes of a PNG file of the picture."""

        def chunk(kind: bytes, data: bytes) -> bytes:
            body = kind + data
            return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

        colour = _COLOUR_TYPES[self._channels]
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, colour, 0, 0, 0)
        return b"".join(
            (
                b"\x89PNG\r\n\x1a\n",
                chunk(b"IHDR", header),
                chunk(b"IDAT", zlib.compress(self._rows())),
                chunk(b"IEND", b""),
            )
        )

    def _repr_png_(self) -> bytes:
        """Return what consoles and notebooks show."""
        return self.to_png()

    def __repr__(self) -> str:
        return f"<Picture of {self.width} x {self.height} pixels>"
