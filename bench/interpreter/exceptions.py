"""Exceptions, `with`, `try` with all its parts, and calls with keyword arguments."""

from contextlib import contextmanager

EXPECTED = (1500, 500, 1000, 3000, 1000)


class Refused(ValueError):
    """An exception of the program's own."""

    def __init__(self, number, *, reason="none"):
        super().__init__(f"{number}: {reason}")
        self.number = number


class Guard:
    """Counts how often it was left, and swallows LookupError."""

    def __init__(self):
        self.left = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.left += 1
        return kind is not None and issubclass(kind, LookupError)


@contextmanager
def opened(log, name):
    """The library's way of a context."""
    log.append(name)
    try:
        yield name
    finally:
        log.pop()


def deep(level, number):
    """Raises from below."""
    if level == 0:
        raise Refused(number, reason="below")
    try:
        return deep(level - 1, number)
    finally:
        level += 1


def options(a, b=2, *rest, c=3, **more):
    """All kinds of parameters."""
    return a + b + c + len(rest) + len(more)


def run():
    """How often each thing has happened."""
    caught = wrapped = finished = calls = 0
    guard = Guard()
    log = []
    for i in range(500):
        try:
            deep(3, i)
        except Refused as error:
            caught += error.number == i
        try:
            try:
                {}[i]
            except KeyError as error:
                raise Refused(i) from error
        except ValueError as error:
            wrapped += isinstance(error.__cause__, KeyError)
        else:
            wrapped = -1
        finally:
            finished += 1
        with guard:
            (1, 2)[i + 2]
        with guard, opened(log, "x") as name:
            caught += name == "x" and len(log) == 1
        calls += options(1, c=2) // 5 + options(1, 2, 3, c=1, d=4) // 6 + options(b=1, a=1) // 5
        try:
            int("x")
        except (TypeError, ValueError):
            finished += 1
        try:
            None.missing
        except AttributeError:
            calls += 3
            caught += 1
    return caught, wrapped, finished, calls, guard.left
