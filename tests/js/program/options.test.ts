/** Which words of a command line are options of ours. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asksForHelp, readOptions } from "../../../src/js/program/options";

test("help is asked for before the program's own words only", () => {
  for (const args of [["-h"], ["-Ih"], ["--help"], ["-?"], ["-W", "error", "-h"], ["--help-all"]]) {
    assert.equal(asksForHelp(args), true, args.join(" "));
  }
  for (const args of [
    [],
    ["-"],
    ["-", "-h"],
    ["-c", "x", "-h"],
    ["-ch"],
    ["-Ic", "-h"],
    ["-m", "mod", "-h"],
    ["script", "-h"],
    ["-W", "-h"],
    ["-Xh"],
  ]) {
    assert.equal(asksForHelp(args), false, args.join(" "));
  }
});

test("the conversion mode is an option after -X", () => {
  for (const args of [
    ["-X", "conversion=proxy"],
    ["-Xconversion=proxy"],
    ["-IX", "conversion=proxy"],
    ["-X", "utf8", "-Xconversion=proxy", "-c", "x"],
  ]) {
    assert.deepEqual(readOptions(args), { conversion: "proxy" }, args.join(" "));
  }
  assert.deepEqual(readOptions(["-c", "-X", "-Xconversion=proxy"]), {});
  assert.deepEqual(readOptions(["-X"]), {});
});

test("another mode is an error that says what can be chosen", () => {
  for (const word of ["conversion=both", "conversion"]) {
    assert.throws(() => readOptions(["-X", word]), /must be native or proxy/);
  }
});
