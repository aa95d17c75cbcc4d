"""pandas, compiled by packages/pandas: tables are read, joined, grouped, reshaped, resampled and written.

It is optional: where `make packages` has not compiled it, these tests are skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")
QUIET = "{ messageCallback() {} }"
COUNTED = (
    "globalThis.compiled = 0; WebAssembly.Module = new Proxy(WebAssembly.Module,"
    " { construct(target, args) { compiled++; return new target(...args); } });"
)


@pytest.fixture
def pandas(fresh: Callable[..., Runtime], optional_packages: Path) -> Runtime:
    """A runtime with pandas from that folder."""
    rt = fresh(options=f"{{ lockFileURL: {str(optional_packages)!r} }}")
    rt.js(f"await pyodide.loadPackage('pandas', {QUIET})")
    return rt


def test_real_work(pandas: Runtime) -> None:
    """What people do with tables; nothing is compiled while Python waits."""
    rt = pandas
    assert sorted(rt.expr("Object.keys(pyodide.loadedPackages)")) == [
        *("numpy", "pandas", "python-dateutil", "tzdata"),
    ]
    # These are of Python's own library, which is compiled piece by piece as it is used.
    rt.py("import decimal, unicodedata")
    rt.js(COUNTED)

    @rt.run
    def _() -> None:
        import io

        import numpy as np
        import pandas as pd

        text = "day,town,rain\n2024-02-28,A,1.5\n2024-02-28,B,\n2024-03-01,A,4\n2024-03-01,B,2\n"
        table = pd.read_csv(io.StringIO(text), parse_dates=["day"])
        assert str(table.dtypes["day"]).startswith("datetime64")
        assert table.groupby("town")["rain"].agg(["sum", "count"]).to_dict("list") == {
            "sum": [5.5, 2.0],
            "count": [2, 1],
        }
        wide = table.pivot(index="day", columns="town", values="rain")
        assert np.isnan(wide.loc["2024-02-28", "B"])
        assert wide.ffill().bfill().iloc[0].tolist() == [1.5, 2.0]
        towns = pd.DataFrame({"town": ["A", "B"], "people": [10, 20]})
        joined = table.merge(towns, on="town", how="left", validate="many_to_one")
        assert joined["people"].tolist() == [10, 20, 10, 20]
        assert table.set_index("day")["rain"].resample("D").sum().tolist() == [1.5, 0, 6]
        zoned = pd.date_range("2024-03-31", periods=3, freq="h", tz="Europe/Berlin")
        assert zoned[2].isoformat() == "2024-03-31T03:00:00+02:00"
        assert pd.Series([1, 2, 3, 4.0]).rolling(2).mean().tolist()[1:] == [1.5, 2.5, 3.5]
        kinds = pd.Categorical(["low", "high", "low"], categories=["low", "high"], ordered=True)
        assert kinds.max() == "high"
        assert pd.Series(["a1", "b22"]).str.extract(r"(\d+)")[0].astype(int).sum() == 23
        again = pd.read_json(io.StringIO(table.to_json(orient="table")), orient="table")
        pd.testing.assert_frame_equal(again, table, check_dtype=False, check_index_type=False)
        out = io.BytesIO()
        table.to_pickle(out)
        out.seek(0)
        pd.testing.assert_frame_equal(pd.read_pickle(out), table)
        assert "<td>1.5</td>" in table.to_html()
        assert table.query("rain > 1.5 and town == 'A'").index.tolist() == [2]

    assert rt.expr("compiled") == 0


def test_errors(pandas: Runtime) -> None:
    """They are pandas' own."""
    for code, kind, message in (
        ("pd.DataFrame({'a': [1, 2], 'b': [1]})", "ValueError", "same length"),
        ("pd.DataFrame({'a': [1]})['b']", "KeyError", "'b'"),
        ("pd.Timestamp('no date')", "DateParseError", "no date"),
        ("pd.read_csv(io.StringIO('a,b\\n1,2\\n1,2,3\\n'))", "ParserError", "Expected 2 fields in line 3, saw 3"),
        ("pd.Series([1], dtype='nothing')", "TypeError", "data type 'nothing' not understood"),
    ):  # fmt: skip
        with pytest.raises(PyError, match=message) as caught:
            pandas.py(f"import io, pandas as pd\n{code}")
        assert caught.value.type == kind


def test_to_and_from_javascript(pandas: Runtime) -> None:
    """Columns are lent to JavaScript as typed arrays, and made of typed arrays and records."""
    rt = pandas
    rt.js(
        "globalThis.records = [{ a: 1, b: 'x' }, { a: 2, b: 'y' }]; globalThis.numbers = new Float64Array([1, 2, 3]);"
    )
    assert rt.py(
        "import js, numpy as np, pandas as pd\n"
        "table = pd.DataFrame([record.to_py() for record in js.records])\n"
        "column = pd.Series(np.asarray(js.numbers))\n"
        "table.to_dict('list'), column.sum().item(), str(column.dtype)"
    ) == ({"a": [1, 2], "b": ["x", "y"]}, 6.0, "float64")
    got = rt.js(
        """
        const p = pyodide.runPython("column.to_numpy(copy=True)"), v = p.getBuffer();
        try { return [v.data.constructor.name, [...v.data]]; } finally { v.release(); p.destroy(); }
        """
    )
    assert got == ["Float64Array", [1, 2, 3]]


def test_micropip(fresh: Callable[..., Runtime], optional_packages: Path) -> None:
    """micropip takes it from that folder's lock file too, with what it needs."""
    rt = fresh(options=f"{{ lockFileURL: {str(optional_packages)!r} }}")
    rt.js(f"await pyodide.loadPackage('micropip', {QUIET})")
    rt.js("await pyodide.runPythonAsync('import micropip\\nawait micropip.install(\"pandas\")')")
    assert rt.py("import pandas as pd\npd.Series([1, 2]).sum().item()") == 3
