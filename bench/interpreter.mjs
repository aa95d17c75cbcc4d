/**
 * Rows for the speed of the interpreter itself: the programs of interpreter/*.py. Each is called from JavaScript again and
 * again, because engines put their better code for a WebAssembly function in place only when it is called anew.
 */
import { sink } from "./sink.mjs";

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

/** Rows of programs, given as `{ name, source }`, for one loaded runtime. */
export function interpreterRows(pyodide, programs) {
  const load = pyodide.runPython(LOAD);
  return programs.map(({ name, source }) => {
    // Loaded when it is first run: a small Python may not know what a program imports.
    let program;
    const run = () => (program ??= load(source, name))();
    return {
      id: `interpreter: ${name.slice(0, -3).replaceAll("_", " ")}`,
      check: run,
      run(n) {
        for (let i = 0; i < n; i++) {
          sink.value = run();
        }
      },
      baseline() {},
      finish: () => program.destroy?.(),
    };
  });
}
