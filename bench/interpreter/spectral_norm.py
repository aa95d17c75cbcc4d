"""Spectral norm: many calls of a tiny function, list comprehensions, float arithmetic."""

EXPECTED = "1.274167288"


def element(i, j):
    """The matrix."""
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    """Matrix times vector."""
    size = range(len(vector))
    return [sum(element(i, j) * vector[j] for j in size) for i in size]


def transposed_times(vector):
    """Transposed matrix times vector."""
    size = range(len(vector))
    return [sum(element(j, i) * vector[j] for j in size) for i in size]


def run():
    """The norm of a matrix of 40 x 40."""
    u = [1.0] * 40
    v = u
    for _ in range(6):
        v = transposed_times(times(u))
        u = transposed_times(times(v))
    above = sum(a * b for a, b in zip(u, v, strict=True))
    below = sum(b * b for b in v)
    return f"{(above / below) ** 0.5:.9f}"
