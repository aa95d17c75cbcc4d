/**
 * Rows for the speed of the interpreter itself: the programs of interpreter/*.py. Each is called from JavaScript again and
 * again, because engines put their better code for a WebAssembly function in place only when it is called anew.
 */
import { readdirSync, readFileSync } from "node:fs";
import { sink } from "./sink.mjs";

const FOLDER = new URL("interpreter/", import.meta.url);

const LOAD = `
def load(source, name):
    space = {"__name__": name}
    exec(compile(source, name, "exec"), space)
    run, expected = space["run"], space["EXPECTED"]
    def check():
        result = run()
        if result != expected:
            raise AssertionError(f"{name}: expected {expected}, got {result}")
    return check
load
`;

/** Rows of the programs for one loaded runtime. */
export function interpreterRows(pyodide) {
  const load = pyodide.runPython(LOAD);
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".py"));
  return files.sort().map((file) => {
    const program = load(readFileSync(new URL(file, FOLDER), "utf8"), file);
    return {
      id: `interpreter: ${file.slice(0, -3).replaceAll("_", " ")}`,
      check: () => program(),
      run(n) {
        for (let i = 0; i < n; i++) {
          sink.value = program();
        }
      },
      baseline() {},
      finish: () => program.destroy(),
    };
  });
}
