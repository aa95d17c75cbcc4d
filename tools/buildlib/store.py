"""The content-addressed cache: a folder is named by a hash of everything that made it."""

from __future__ import annotations

import ast
import fcntl
import hashlib
import inspect
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from .config import CHECKOUT, cache_dir
from .progress import Stage, stage


def key_of(*parts: Any) -> str:
    """Return a hash of `parts`: JSON-able values, code (modules, functions), files and folders."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, ModuleType | FunctionType):
            part = _without_comments(inspect.getsource(part))
        if isinstance(part, Path):
            files = (
                sorted(p for p in part.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
                if part.is_dir()
                else [part]
            )
            for file in files:
                name = file.relative_to(CHECKOUT) if file.is_relative_to(CHECKOUT) else file.name
                digest.update(f"file {name} ".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        else:
            digest.update(f"value {json.dumps(part, sort_keys=True)}\n".encode())
    return digest.hexdigest()[:16]


def _without_comments(source: str) -> str:
    """Return code without comments, docstrings and layout, none of which makes a difference."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        if ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock `name`, so that two builds do not make the same folder twice."""
    folder = cache_dir() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"[{name}] another build is making this; waiting", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def folder_of(name: str, key: str) -> Path:
    """Return where `cached` has what it makes."""
    return cache_dir() / f"{name}-{key}"


def cached(name: str, title: str, key: str, make: Callable[[Stage, Path, Path], None]) -> Path:
    """Return the cache folder `name-key`, making it first if it is not there.

    Parameters
    ----------
    name
        the stage, also the name of its log.
    title
        what to tell the person while it is made.
    key
        hash of everything that makes the folder.
    make
        called with the running stage, the temporary folder to fill, and the folder's final
        path (for programs that want to know where they will be installed).
    """
    final = folder_of(name, key)
    if final.exists():
        return final
    with locked(f"{name}-{key}"):
        if final.exists():
            return final
        partial = cache_dir() / f"{name}-{key}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        with stage(name, title) as running:
            make(running, partial, final)
            partial.rename(final)
    return final
