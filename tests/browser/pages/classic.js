/** A page with the classic loader. */
globalThis.started = loadPyodide().then((pyodide) => (globalThis.pyodide = pyodide));
