"""Dicts, lists and sets: counting, grouping, memo tables, queues, sorting, comprehensions."""

from collections import defaultdict, deque

EXPECTED = (97, 1499, 1548, 2500, 332833500)


def numbers(count):
    """Pseudo-random numbers below 1000."""
    x = 12345
    out = []
    for _ in range(count):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.append((x >> 8) % 1000)
    return out


def breadth_first(size):
    """Cells of a square that are reached from a corner."""
    walls = {(x, y) for x in range(size) for y in range(size) if x * y % 7 == 3}
    seen = {(0, 0)}
    waiting = deque(seen)
    while waiting:
        x, y = waiting.popleft()
        for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if (
                0 <= cell[0] < size
                and 0 <= cell[1] < size
                and cell not in walls
                and cell not in seen
            ):
                seen.add(cell)
                waiting.append(cell)
    return len(seen) + len(walls)


def run():
    """Numbers that depend on every part of the program."""
    values = numbers(3000)
    groups = defaultdict(list)
    for i, value in enumerate(values):
        groups[value % 97].append(i)
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ordered = sorted(values)
    merged = [a + b for a, b in zip(ordered, reversed(ordered), strict=True) if a < b]
    inverse = {value: key for key, value in enumerate(set(values))}
    assert set(inverse) == set(counts) == {value for value, _ in ranked}
    first, second = set(values[:1500]), set(values[1500:])
    both = len(first & second) * 2 + len(first ^ second)
    squares = sum(x * x for x in range(1000))
    return len(groups), len(merged), both, breadth_first(50), squares
