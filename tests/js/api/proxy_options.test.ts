/** The defaults of the loaders in dist/proxy/. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { withProxyDefault } from "../../../src/js/proxy/options";

const SCRIPT = "https://example.org/dist/proxy/pyodide.mjs";

test("the mode is proxy unless another is asked for", () => {
  assert.equal(withProxyDefault({}, SCRIPT).conversion, "proxy");
  assert.equal(withProxyDefault({ conversion: "native" }, SCRIPT).conversion, "native");
});

test("the loader's own folder stands for the one above", () => {
  const indexOf = (indexURL: string, script = SCRIPT) =>
    withProxyDefault({ indexURL }, script).indexURL;
  assert.equal(indexOf("https://example.org/dist/proxy/"), "https://example.org/dist/");
  assert.equal(indexOf("https://example.org/dist/proxy"), "https://example.org/dist/");
  assert.equal(indexOf("/dist/proxy/"), "/dist/");
  assert.equal(indexOf("./proxy/"), "./");
  assert.equal(indexOf("/srv/proxy", "/srv/proxy/pyodide.js"), "/srv/");
});

test("any other folder is left alone", () => {
  const indexOf = (indexURL: string, script = SCRIPT) =>
    withProxyDefault({ indexURL }, script).indexURL;
  assert.equal(indexOf("https://example.org/dist/"), "https://example.org/dist/");
  // A distribution in a folder called `proxy`.
  const deep = "https://example.org/proxy/proxy/pyodide.mjs";
  assert.equal(indexOf("https://example.org/proxy/", deep), "https://example.org/proxy/");
  assert.equal(withProxyDefault({}, SCRIPT).indexURL, undefined);
});
