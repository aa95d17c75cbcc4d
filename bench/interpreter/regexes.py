"""Regular expressions: searching, replacing by function, splitting, named groups."""

import re

EXPECTED = (160, 480, 2880, 850)

LINE = (
    '192.168.0.{i} - user{i} [10/Oct/2000:13:55:{s:02d} -0700] "GET /path/{i}/page.html?q={i} HTTP/1.0" '
    '200 {n} "http://www.example.org/start{i}" "Agent/4.08 (X; I; Linux)"'
)
TEXT = "\n".join(LINE.format(i=i, s=i % 60, n=i * 37) for i in range(160))
ENTRY = re.compile(
    r'^(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" '
    r'(?P<status>\d{3}) (?P<size>\d+|-) "(?P<referrer>[^"]*)"',
    re.MULTILINE,
)
NUMBER = re.compile(r"\b\d+\b")
WORD = re.compile(r"(?:page|start|user)(\d+|\.html)", re.IGNORECASE)
TOKEN = re.compile(r"[\s\"\[\]()?/;]+")


def run():
    """How often each pattern was found."""
    entries = [m.groupdict() for m in ENTRY.finditer(TEXT)]
    numbers = [0]

    def count(match):
        numbers[0] += 1
        return f"<{int(match[0]) + 1}>"

    NUMBER.sub(count, TEXT)
    words = WORD.findall(TEXT)
    tokens = TOKEN.split(TEXT)
    return len(entries), len(words), numbers[0], len([t for t in tokens if len(t) > 6])
