/**
 * Runs a package's own tests with pytest in one runtime: own_tests.mjs DIST WHEEL COUNTS ARGUMENT...
 *
 * WHEEL is the wheel with the tests in it; COUNTS is a file to write the numbers of outcomes to, as
 * JSON; what follows are pytest's arguments.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [dist, wheel, counts, ...args] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${dist}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ args: [] });
await pyodide.loadPackage(["pytest", "hypothesis"], { messageCallback() {} });
await pyodide.loadPackage(wheel, { messageCallback() {} });
const run = pyodide.runPython(`
import json

import pytest

class Counter:
    def pytest_terminal_summary(self, terminalreporter):
        stats = terminalreporter.stats
        self.counts = {name: len(stats[name]) for name in stats if name and name != "deselected"}

def run(args):
    counter = Counter()
    # No cache: nobody will ask for it.
    status = pytest.main([*args, "-p", "no:cacheprovider"], plugins=[counter])
    return json.dumps({"status": int(status), **getattr(counter, "counts", {})})
run
`);
const answer = run(args);
run.destroy();
writeFileSync(counts, answer);
process.exit(JSON.parse(answer).status);
