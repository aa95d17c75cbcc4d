/**
 * Runs a package's own tests with pytest in one runtime: own_tests.mjs DIST LOCKFILE WHEEL FOUND ARGUMENT...
 *
 * WHEEL is the wheel with the tests in it, what it needs is in LOCKFILE; FOUND is a file to write to, as
 * JSON, how many tests had which outcome, which failed, and why tests were skipped. What follows are
 * pytest's arguments.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, lockFileURL, wheel, found, ...args] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${dist}/pyodide.mjs`).href);
const quiet = { messageCallback() {} };
const pyodide = await loadPyodide({ args: [], lockFileURL });
const { packages } = JSON.parse(readFileSync(lockFileURL, "utf8"));
const needs = Object.values(packages).find((p) => p.file_name === basename(wheel)).depends;
await pyodide.loadPackage(["pytest", "hypothesis", ...needs], quiet);
await pyodide.loadPackage(wheel, quiet);
const run = pyodide.runPython(`
import glob
import json
import re
from collections import Counter

import pytest

class Recorder:
    def pytest_terminal_summary(self, terminalreporter):
        stats = terminalreporter.stats
        self.counts = {name: len(stats[name]) for name in stats if name and name != "deselected"}
        self.failed = {
            report.nodeid: getattr(getattr(report.longrepr, "reprcrash", None), "message", str(report.longrepr))
            for name in ("failed", "error")
            for report in stats.get(name, [])
        }
        self.skipped = Counter(
            re.sub("^Skipped: ", "", report.longrepr[2]) for report in stats.get("skipped", [])
        )

def run(args):
    recorder = Recorder()
    # No cache: nobody will ask for it.
    status = pytest.main([*(file for arg in args for file in glob.glob(arg) or [arg]), "-p", "no:cacheprovider"], plugins=[recorder])
    return json.dumps({"status": int(status), **vars(recorder)})
run
`);
const answer = run(args);
run.destroy();
writeFileSync(found, answer);
process.exit(JSON.parse(answer).status);
