"""JavaScript buffers and files: `to_file`, `from_file` and `_into_file` of JsBuffer.

Called by the core, in src/core/jsproxy/buffer.c.
"""

import os
from contextlib import contextmanager

from _pyodide_core import buffer_bytes, buffer_read_into, buffer_write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_CHUNK = 1 << 20


@contextmanager
def _descriptor(file: "Any") -> "Iterator[int]":
    """Give the file's descriptor, placed where the file object is, and move that along after.

    A buffered file object is ahead of or behind its descriptor.

    Raises
    ------
    OSError, AttributeError
        If `file` has no descriptor.
    """
    fd = file.fileno()
    buffered = hasattr(file, "seekable") and file.seekable()
    if hasattr(file, "flush"):
        file.flush()
    if buffered:
        os.lseek(fd, file.tell(), os.SEEK_SET)
    yield fd
    if buffered:
        file.seek(os.lseek(fd, 0, os.SEEK_CUR))


def to_file(buffer: "Any", file: "Any") -> None:
    """Write all bytes of a JsBuffer at the current position of an open file."""
    size = buffer.byteLength
    chunk = bytearray(min(size, _CHUNK))
    with _descriptor(file) as fd:
        done = 0
        while done < size:
            part = memoryview(chunk)[: size - done]
            buffer_read_into(buffer, done, part)
            done += os.write(fd, part)


def from_file(buffer: "Any", file: "Any") -> None:
    """Fill a JsBuffer from the current position of an open file, as far as that goes."""
    size = buffer.byteLength
    with _descriptor(file) as fd:
        done = 0
        while done < size and (data := os.read(fd, min(size - done, _CHUNK))):
            buffer_write(buffer, done, data)
            done += len(data)


def into_file(buffer: "Any", file: "Any") -> None:
    """Make the memory of a JsBuffer the content of an empty file, without a copy if it can be.

    Raises
    ------
    ValueError
        If the file is not empty.
    """
    from pyodide_js import FS

    if hasattr(file, "flush"):
        file.flush()
    if os.fstat(file.fileno()).st_size != 0:
        raise ValueError("_into_file() needs a file that is empty")
    content = buffer_bytes(buffer)
    FS.write(FS.getStream(file.fileno()), content, 0, content.length, 0, True)
