"""JSON written and read by the library's pure-Python halves: strings, regular expressions, recursion, generators."""

import json
from json import decoder, encoder, scanner

EXPECTED = (16119, 100)


class Decoder(json.JSONDecoder):
    """A decoder without C."""

    def __init__(self):
        super().__init__()
        self.parse_string = decoder.py_scanstring
        self.scan_once = scanner.py_make_scanner(self)


class Encoder(json.JSONEncoder):
    """An encoder without C."""

    def encode(self, o):
        text = encoder.py_encode_basestring_ascii
        parts = encoder._make_iterencode(
            {}, self.default, text, None, float.__repr__, ": ", ", ", False, False, False
        )
        return "".join(parts(o, 0))


RECORDS = [
    {
        "id": i,
        "name": f"record \u00e9 {i}",
        "tags": ["a", "b", "c\n"],
        "place": {"x": i / 2, "y": -i, "known": True, "note": None},
        "nested": [[i, [i, [i]]], {}],
    }
    for i in range(100)
]


def run():
    """Length of the text, and the number of records that come back."""
    text = Encoder().encode(RECORDS)
    back = Decoder().decode(text)
    assert back == RECORDS
    return len(text), len(back)
