/** A page with the module loader: `started` is a promise of the runtime, `check` the leak check of the tests. */
import "./watch.js";
import { loadPyodide } from "../dist/pyodide.mjs";

globalThis.loadPyodide = loadPyodide;
const mode = new URL(location.href).searchParams.get("mode") ?? "native";
globalThis.started = loadPyodide({ conversion: mode }).then(
  (pyodide) => (globalThis.pyodide = pyodide),
);

/** Whether the page's policy forbids eval; a test's own script would be exempt from it. */
globalThis.evalRefused = (() => {
  try {
    return new Function("return false")();
  } catch (error) {
    return error instanceof EvalError;
  }
})();

/** Chromium has the function by a flag, Firefox by a preference. */
const collect = globalThis.gc ?? (() => TestUtils.gc());
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let state;

globalThis.check = {
  begin() {
    const before = { ...pyodide._api.debug.counts() };
    state = { before, saved: pyodide._api.saveState() };
  },
  /** The counts before and after the test, which should be alike. */
  async end() {
    pyodide._api.restoreState(state.saved);
    const show = () => JSON.stringify(pyodide._api.debug.counts());
    const before = JSON.stringify(state.before);
    for (let turn = 0; turn < 20 && show() !== before; turn++) {
      await wait(0);
      await collect();
      await wait(5);
    }
    return [before, show()];
  },
};
