"""numpy, compiled by packages/numpy: arrays, linear algebra with its errors, random numbers, Fourier transforms."""

from __future__ import annotations

import pytest

from harness.errors import PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")


@pytest.fixture(autouse=True)
def rt_with_numpy(numpy: Runtime) -> None:
    """All tests have numpy."""


def test_arrays(rt: Runtime) -> None:
    """Arithmetic, broadcasting, slices, sorting, structured and object arrays, text and dates."""

    @rt.run
    def _() -> None:
        import io

        import numpy as np

        grid = np.arange(12.0).reshape(3, 4)
        assert grid.T.shape == (4, 3)
        assert grid[::-1, 1::2].tolist() == [[9, 11], [5, 7], [1, 3]]
        assert (grid + np.arange(4) * 10).tolist()[1] == [4, 15, 26, 37]
        assert grid[grid % 2 == 1].sum() == 36
        assert np.einsum("ij,kj->ik", grid, grid).tolist() == (grid @ grid.T).tolist()
        assert np.sort(np.array([3, 1, 2], dtype="i8"))[::-1].tolist() == [3, 2, 1]
        assert np.argsort(np.array([0.5, -1, 9], dtype="f4")).tolist() == [1, 0, 2]
        people = np.array([("a", 3), ("b", 1)], dtype=[("name", "U4"), ("age", "i2")])
        assert np.sort(people, order="age")["name"].tolist() == ["b", "a"]
        assert np.array([1, "x", None], dtype=object)[1] == "x"
        assert (np.array(["2024-02-28"], dtype="M8[D]") + 2)[0] == np.datetime64("2024-03-01")
        assert np.char.upper(np.array(["a", "bc"])).tolist() == ["A", "BC"]
        file = io.BytesIO()
        np.savez_compressed(file, grid=grid)
        file.seek(0)
        assert (np.load(file)["grid"] == grid).all()
        assert np.longdouble(1) + np.finfo(np.longdouble).eps != 1
        assert repr(np.float64(1) / 3) == "np.float64(0.3333333333333333)"
        assert str(np.array([1.5, np.nan, -np.inf])) == "[ 1.5  nan -inf]"


def test_linear_algebra(rt: Runtime) -> None:
    """Solutions and decompositions give the matrix back."""

    @rt.run
    def _() -> None:
        import numpy as np

        rng = np.random.default_rng(7)
        for dtype in ("f4", "f8", "c8", "c16"):
            a = rng.standard_normal((6, 6)).astype(dtype)
            if a.dtype.kind == "c":
                a = (a + 1j * rng.standard_normal((6, 6))).astype(dtype)
            one = np.eye(6)
            close = 1e-4 if dtype in ("f4", "c8") else 1e-10

            def same(x, y, close=close):
                assert np.allclose(x, y, atol=close, rtol=close)

            same(a @ np.linalg.inv(a), one)
            same(a @ np.linalg.solve(a, one), one)
            u, s, vh = np.linalg.svd(a)
            same((u * s) @ vh, a)
            q, r = np.linalg.qr(a)
            same(q @ r, a)
            values, vectors = np.linalg.eig(a)
            same(a @ vectors, vectors * values)
            symmetric = a @ a.conj().T
            root = np.linalg.cholesky(symmetric)
            same(root @ root.conj().T, symmetric)
            values, vectors = np.linalg.eigh(symmetric)
            same(symmetric @ vectors, vectors * values)
            same(np.linalg.det(a), np.prod(np.linalg.eigvals(a)))
        x, *_ = np.linalg.lstsq(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 3, 5]))
        assert np.allclose(x, [1, 2])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("np.linalg.inv(np.zeros((2, 2)))", "Singular matrix"),
        ("np.linalg.inv(np.ones((3, 3), dtype='c8'))", "Singular matrix"),
        ("np.linalg.solve(np.array([[1., 2], [2, 4]]), np.ones(2))", "Singular matrix"),
        ("np.linalg.cholesky(np.array([[1., 2], [2, 1]]))", "Matrix is not positive definite"),
        ("np.linalg.svd(np.full((3, 3), np.nan))", "SVD did not converge"),
        ("np.linalg.eigvalsh(np.full((3, 3), np.nan))", "Eigenvalues did not converge"),
        ("np.linalg.lstsq(np.full((3, 3), np.inf), np.ones(3))", "SVD did not converge in Linear Least Squares"),
    ],
)  # fmt: skip
def test_linear_algebra_says_what_is_wrong(rt: Runtime, code: str, message: str) -> None:
    """The floating-point flags that numpy raises reach it: errors are LinAlgErrors and not nan."""
    with pytest.raises(PyError) as caught:
        rt.py(code)
    assert caught.value.type == "LinAlgError"
    assert caught.value.message.strip().endswith(message)


def test_flags_are_taken_back(rt: Runtime) -> None:
    """After an error the next computation is clean."""
    rt.py("try: np.linalg.inv(np.zeros((2, 2)))\nexcept np.linalg.LinAlgError: pass")
    assert rt.py("np.linalg.inv(2 * np.eye(2)).tolist()") == [[0.5, 0], [0, 0.5]]


def test_integer_errors(rt: Runtime) -> None:
    """Division by zero and overflow of integers warn or raise as numpy is told."""

    @rt.run
    def _() -> None:
        import warnings

        import numpy as np

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            assert (np.array([1, 2]) // 0).tolist() == [0, 0]
        assert [str(w.message) for w in seen] == ["divide by zero encountered in floor_divide"]
        with np.errstate(all="raise"):
            for action in (
                lambda: np.array([1, 2]) // 0,
                lambda: np.array([1, 2]) % 0,
                lambda: np.array([-128], dtype="i1") // -1,
                lambda: np.int8(127) + np.int8(1),
            ):
                try:
                    action()
                except FloatingPointError:
                    continue
                raise AssertionError(action)
        with np.errstate(all="ignore"):
            assert (np.array([1, 2]) // 0).tolist() == [0, 0]


def test_random(rt: Runtime) -> None:
    """The generators give the numbers that they give everywhere."""

    @rt.run
    def _() -> None:
        import numpy as np

        rng = np.random.default_rng(42)
        assert rng.random() == 0.7739560485559633
        assert np.random.default_rng(42).integers(0, 100, 5).tolist() == [8, 77, 65, 43, 43]
        assert np.random.RandomState(0).rand() == 0.5488135039273248
        for generator in ("MT19937", "PCG64DXSM", "Philox", "SFC64"):
            g = np.random.Generator(getattr(np.random, generator)(1))
            x = g.normal(5, 2, 20_000)
            assert abs(x.mean() - 5) < 0.1
            assert abs(x.std() - 2) < 0.1
        assert np.random.default_rng().random() != np.random.default_rng().random()
        assert sorted(rng.permutation(5).tolist()) == [0, 1, 2, 3, 4]


def test_fourier(rt: Runtime) -> None:
    """Transforms of any length and type, and back."""

    @rt.run
    def _() -> None:
        import numpy as np

        rng = np.random.default_rng(1)
        for n in (1, 2, 7, 16, 97, 1000):
            x = rng.standard_normal(n) + 1j * rng.standard_normal(n)
            k = np.arange(n)
            direct = np.exp(-2j * np.pi * np.outer(k, k) / n) @ x
            assert np.allclose(np.fft.fft(x), direct)
            assert np.allclose(np.fft.ifft(np.fft.fft(x)), x)
            assert np.allclose(np.fft.irfft(np.fft.rfft(x.real), n), x.real)
        grid = rng.standard_normal((5, 6)).astype("f4")
        assert np.fft.fft2(grid).dtype == np.complex64
        assert np.allclose(np.fft.ifft2(np.fft.fft2(grid)).real, grid, atol=1e-5)


def test_what_the_wheel_leaves_out(rt: Runtime) -> None:
    """Tests and files for compilers are not downloaded; compiled modules are."""
    files = rt.py(
        """
        from pathlib import Path
        [str(p.relative_to(Path(np.__file__).parent)) for p in Path(np.__file__).parent.rglob("*")]
        """
    )
    assert "__pycache__/__init__.cpython-313.pyc" in files
    assert not [name for name in files if name.endswith((".a", ".pyi", ".pc", ".h"))]
    assert not [name for name in files if "tests/test_" in name]
    assert rt.py("import numpy.testing\nnumpy.testing.assert_equal([1], np.array([1]))") is None
