"""What is wanted: ratios to pyodide 0.29.5, from the project's goals, and which rows of the peers do the same as ours."""

from __future__ import annotations

# How the rows of interpreter/ begin, and the row that sums them up.
INTERPRETER = "interpreter: "
INTERPRETER_MEAN = "interpreter: geometric mean of the programs"
# Rows that are bytes, not nanoseconds.
MEMORY = "memory after start: WebAssembly and JavaScript heaps"
DOWNLOAD = "download for the first runPython, brotli 9"
BYTES = (MEMORY, DOWNLOAD)
# A row of ours without a twin of the same name in the peers, and the row of theirs that does the same.
TWINS = {
    "list of 1000 ints to JS: implicit": "list of 1000 ints to JS: toJs",
    "list of 1000 ints to Python: implicit": "list of 1000 ints to Python: toPy",
    "list of 1000 ints Python to JS: implicit argument": "list of 1000 ints Python to JS: to_js",
    "list of 1000 ints JS to Python: implicit attribute": "list of 1000 ints JS to Python: to_py",
}
WANTED = {
    "start: process to first runPython": 6,
    "start: page to first runPython, cold": 4,
    "start: page to first runPython, warm": 6,
    # "0.65 of it" and "0.7 of it" as ratios.
    DOWNLOAD: 1.54,
    MEMORY: 1.43,
    "JS calls Python: no argument": 2.5,
    "JS calls Python: two ints": 3,
    "JS calls Python: short str": 3,
    "JS calls Python: 1200-char str": 25,
    "JS calls Python: JS object": 4,
    "Python attribute from JS: read": 3,
    "Python attribute from JS: write": 2,
    "Python attribute from JS: method call": 4,
    "Python attribute from JS: dict.get": 3,
    "Python calls JS: no argument": 3,
    "Python calls JS: two ints": 4,
    "Python calls JS: short str": 4,
    "Python calls JS: 1200-char str": 25,
    "JS attribute from Python: int": 4,
    "JS attribute from Python: str": 4,
    "JS attribute from Python: object": 4,
    "JS attribute from Python: write": 3,
    "JS attribute from Python: method call": 4,
    "list of 1000 ints to JS: toJs": 30,
    "list of 1000 ints Python to JS: to_js": 30,
    "list of 1000 ints to Python: toPy": 10,
    "list of 1000 ints JS to Python: to_py": 10,
    "dict of 1000 to JS: toJs": 10,
    "100 nested records to Python: toPy": 4,
    "100 nested records Python to JS: to_js": 6,
    "Map of 1000 to Python: to_py": 8,
    "iterate an array of 1000 in Python": 5,
    "8 MB Float64Array to bytes": 1,
    INTERPRETER_MEAN: 1.3,
    "list of 1000 ints to JS: implicit": 20,
    "list of 1000 ints to Python: implicit": 20,
    "list of 1000 ints Python to JS: implicit argument": 20,
    "list of 1000 ints JS to Python: implicit attribute": 20,
}
