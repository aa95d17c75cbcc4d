"""Generators: queens by permutation, a pipeline, recursion with `yield from`, a coroutine."""

EXPECTED = (40, 511, 4950, 2870)


def permutations(items):
    """All orders of a tuple."""
    if len(items) <= 1:
        yield items
        return
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield (item, *rest)


def queens(size):
    """Boards without queens that attack each other."""
    for columns in permutations(tuple(range(size))):
        if (
            len({row + column for row, column in enumerate(columns)})
            == len({row - column for row, column in enumerate(columns)})
            == size
        ):
            yield columns


class Tree:
    """A binary tree."""

    def __init__(self, depth):
        self.left = Tree(depth - 1) if depth else None
        self.right = Tree(depth - 1) if depth else None

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self
        if self.right:
            yield from self.right


def summed():
    """Sends back the sum so far."""
    total = 0
    while True:
        total += yield total


def run():
    """Numbers that depend on every part of the program."""
    nodes = sum(1 for _ in Tree(8))
    adder = summed()
    next(adder)
    for i in range(100):
        last = adder.send(i)
    squares = (x * x for x in range(21))
    return sum(1 for _ in queens(7)), nodes, last, sum(filter(None, map(int, squares)))
