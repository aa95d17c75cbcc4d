/**
 * Prints the members that the interfaces of a declaration file promise, inherited ones included,
 * as JSON: {"PyProxy": ["type", "[Symbol.toStringTag]", ...], ...}.
 * Usage: node declared_members.mjs TYPESCRIPT FILE
 */

import { createRequire } from "node:module";

const [, , compiler, file] = process.argv;
const ts = createRequire(import.meta.url)(compiler);

const options = { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] };
const program = ts.createProgram([file], options);
const checker = program.getTypeChecker();

/** `__@iterator@12` is how the compiler names `[Symbol.iterator]`. */
const shownName = (name) => name.replace(/^__@(\w+)@\d+$/, "[Symbol.$1]");

const module = checker.getSymbolAtLocation(program.getSourceFile(file));
const members = {};
for (const symbol of checker.getExportsOfModule(module)) {
  if (symbol.flags & ts.SymbolFlags.Interface) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    members[symbol.name] = type.getProperties().map(({ name }) => shownName(String(name)));
  }
}
process.stdout.write(JSON.stringify(members));
