"""A part of CPython's own regression suite that takes a minute or two; docs/conformance.md has all."""

from __future__ import annotations

import sys

import pytest

from harness.runtime import ROOT, dist_dir

sys.path.insert(0, str(ROOT / "tools"))

import conformance

MODULES = [
    *(
        "test_int",
        "test_float",
        "test_complex",
        "test_bool",
        "test_long",
        "test_math",
        "test_str",
    ),
    *("test_list", "test_tuple", "test_dict", "test_set", "test_slice", "test_range"),
    *("test_json", "test_re", "test_struct", "test_array", "test_memoryview", "test_pickle"),
    *("test_generators", "test_coroutines", "test_exceptions", "test_with"),
    *("test_itertools", "test_functools", "test_collections", "test_descr", "test_io"),
    *("test_zlib", "test_sqlite3", "test_ctypes", "test_hashlib", "test_decimal", "test_datetime"),
]


@pytest.mark.parametrize("name", MODULES)
def test_module_of_the_suite(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYODIDE_DIST", str(dist_dir()))
    result = conformance.run_module(name)
    assert result.outcome == "passed", (result, conformance.log_of(name)[-5000:])
