"""Digits of pi: arithmetic with large integers."""

EXPECTED = "3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067"


def digits():
    """Gibbons's spigot."""
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < m * t:
            yield m
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = (
                q * k,
                (2 * q + r) * x,
                t * x,
                k + 1,
                (q * (7 * k + 2) + r * x) // (t * x),
                x + 2,
            )


def run():
    """The first digits, many times and of long numbers too."""
    big = 3**2000
    assert (big * big) // big == big and pow(7, 1001, 10**40) == pow(7, 1001) % 10**40
    out = []
    source = digits()
    for _ in range(300):
        out.append(str(next(source)))
    return "".join(out)[:100]
