"""Strings: splitting, joining, formatting, searching, translating, comparing."""

EXPECTED = (82, 16759, 3998)

WORDS = "the quick brown fox jumps over the lazy dog while Zoë naïvely writes Русские слова and 日本語 too".split()
VOWELS = str.maketrans("aeiou", "AEIOU", "z")


def caesar(text, shift):
    """Letters moved in the alphabet."""
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - 97 + shift) % 26 + 97))
        else:
            out.append(c)
    return "".join(out)


def distance(a, b):
    """Edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def run():
    """Numbers that depend on every part of the program."""
    lines = [" ".join(WORDS[(i + j) % len(WORDS)] for j in range(10)) for i in range(100)]
    total = 0
    for number, line in enumerate(lines):
        words = line.split()
        total += len("-".join(word.capitalize() for word in words))
        total += len(f"{number:>6}|{words[0]:<12}|{number / 3:8.3f}|{words[1]!r}")
        total += line.count("o") + line.find("lazy") + line.translate(VOWELS).count("A")
        total += sum(word.startswith(("q", "b")) or word.endswith("s") for word in words)
        total += len(line.upper().replace("THE", "a").encode()) + line.isalpha()
    mixed = caesar(caesar(lines[0] * 8, 3), 23)
    assert mixed == lines[0] * 8
    far = sum(distance(a, b) for a, b in zip(WORDS, WORDS[1:], strict=False))
    return far, total, len("".join(str(i) for i in range(1277)))
