"""Fannkuch: reversals of list prefixes over all permutations."""

EXPECTED = (228, 16)


def run():
    """Checksum and the longest series of reversals for 7 items."""
    n = 7
    permutation = list(range(n))
    count = [0] * n
    longest = checksum = 0
    even = True
    left = n
    while True:
        while left > 1:
            count[left - 1] = left
            left -= 1
        flips = 0
        work = permutation[:]
        first = work[0]
        while first:
            work[: first + 1] = work[first::-1]
            flips += 1
            first = work[0]
        longest = max(longest, flips)
        checksum += flips if even else -flips
        even = not even
        while True:
            if left == n:
                return checksum, longest
            permutation.insert(left, permutation.pop(0))
            count[left] -= 1
            if count[left] > 0:
                break
            left += 1
