/**
 * The measured page: page.html?module=ADDRESS&conversion=MODE starts a runtime at once. `globalThis.started` resolves to the
 * milliseconds from the navigation to the first result; `measureAll(seconds, only)` runs the rows of rows.mjs.
 */
const query = new URLSearchParams(location.search);
const conversion = query.get("conversion");

async function start() {
  const { loadPyodide } = await import(query.get("module"));
  const pyodide = await loadPyodide(conversion === "-" ? {} : { conversion });
  if (pyodide.runPython("1 + 1") !== 2) {
    throw new Error("the first runPython gave a wrong result");
  }
  // performance.now() counts from the navigation.
  const first = performance.now();
  globalThis.measureAll = async (seconds, only) => {
    // Loaded now, so that the start has nothing to do with them.
    const [{ measureRows }, { makeRows }] = await Promise.all([
      import("./measure.mjs"),
      import("./rows.mjs"),
    ]);
    return measureRows(makeRows(pyodide, conversion, []), { seconds, only });
  };
  return first;
}

globalThis.started = start();
