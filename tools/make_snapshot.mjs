// Makes the memory snapshot of a distribution: node make_snapshot.mjs DIST FILE

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, file] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(dist, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ _makeSnapshot: true });
const preparation = pyodide.pyimport("_pyodide._snapshot");
preparation.preload();
preparation.destroy();
writeFileSync(file, pyodide.makeMemorySnapshot({ _renewHashes: true }));
