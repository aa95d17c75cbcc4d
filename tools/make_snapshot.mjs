// Makes the memory snapshot of a distribution: node make_snapshot.mjs DIST FILE

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, file] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(dist, "pyodide.mjs")).href);
// The hashes of strings are in the snapshot: let them be the same for all builds.
const pyodide = await loadPyodide({ _makeSnapshot: true, env: { PYTHONHASHSEED: "0" } });
const preparation = pyodide.pyimport("_pyodide._snapshot");
preparation.preload();
preparation.destroy();
writeFileSync(file, pyodide.makeMemorySnapshot());
