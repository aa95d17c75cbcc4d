// Emscripten's linking of the main module, without work that only side modules need.
//
// Emscripten makes a WebAssembly.Global for each of the main module's thousands of exports, and
// looks each function up in the table, when it starts. Side modules ask for what they import
// anyway (GOTHandler, reportUndefinedSymbols), so here this is left to them. Each side module that is
// loaded looks at the symbols which still have no address, not at all there ever were.

addToLibrary({
  // What the linker gives every module for itself.
  $isOfTheLinker: (name) =>
    /^__(wasm_|em_js__|(start|stop)_em_|memory_base$|table_base$|dso_handle$|cpp_exception$|c_longjmp$)/.test(
      name,
    ) || ["memory", "__stack_pointer", "__indirect_function_table"].includes(name),

  // Names of entries of GOT that were made without an address.
  $unresolved: "new Set()",

  $GOTHandler__deps: ["$GOT", "$unresolved"],
  $GOTHandler: {
    get(weak, name) {
      let entry = GOT[name];
      if (!entry) {
        entry = GOT[name] = new WebAssembly.Global({ value: "i32", mutable: true }, -1);
        unresolved.add(name);
      }
      if (!weak.has(name)) {
        entry.required = true;
      }
      return entry;
    },
  },

  $reportUndefinedSymbols__deps: ["$GOT", "$unresolved", "$resolveGlobalSymbol", "$addFunction"],
  $reportUndefinedSymbols: () => {
    for (const name of unresolved) {
      const entry = GOT[name];
      if (entry.value == -1) {
        const value = resolveGlobalSymbol(name, true).sym;
        if (typeof value == "function") {
          entry.value = addFunction(value, value.sig);
        } else if (typeof value == "number" || typeof value?.value == "number") {
          entry.value = Number(value);
        } else if (value || entry.required) {
          throw new Error(`undefined symbol '${name}'`);
        } else {
          // A weak one.
          entry.value = 0;
        }
      }
      unresolved.delete(name);
    }
  },

  $updateGOT__deps: [
    "$GOT",
    "$isOfTheLinker",
    "$addFunction",
    "$convertJsFunctionToWasm",
    "$getEmptyTableSlot",
  ],
  $updateGOT: (exports, replace) => {
    if (!runtimeInitialized) {
      // The main module: only what it asks for itself. Those are functions of JavaScript, which
      // are not in the table, so there is no need to search it.
      for (const [name, entry] of Object.entries(GOT)) {
        const value = wasmImports[name];
        if (!(name in exports) && typeof value == "function" && value.sig) {
          const slot = getEmptyTableSlot();
          setWasmTableEntry(slot, convertJsFunctionToWasm(value, value.sig));
          entry.value = slot;
        }
      }
      return;
    }
    for (const name in exports) {
      if (isOfTheLinker(name)) {
        continue;
      }
      const value = exports[name];
      const entry = GOT[name];
      if (!replace && entry && entry.value != -1) {
        continue;
      }
      if (typeof value != "function" && typeof value.value != "number") {
        continue;
      }
      GOT[name] ??= new WebAssembly.Global({ value: "i32", mutable: true });
      GOT[name].value = typeof value == "function" ? addFunction(value) : value;
    }
  },
});
