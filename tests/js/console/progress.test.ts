/** The console's progress line. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "../../../src/js/console/progress";

/** Text of each rewritten line. */
function record() {
  const lines: string[] = [];
  const progress = new Progress((text) => {
    assert.ok(text.startsWith("\r\x1b[K"));
    lines.push(text.slice(4));
  });
  return { progress, lines };
}

test("sums the files, and says when everything has arrived", () => {
  const { progress, lines } = record();
  progress.update("a", 1_000_000, 8_000_000);
  progress.update("b", 2_000_000, 2_000_000);
  progress.update("b", 2_000_001, 2_000_000);
  progress.update("b", 2_000_000, 2_000_000);
  progress.update("a", 8_000_000, 8_000_000);
  progress.finish();
  assert.deepEqual(lines, [
    "Loading Python ...",
    "Loading Python ... 1.0 of 8.0 MB",
    "Loading Python ... 3.0 of 10.0 MB",
    "Loading Python ... 10.0 of 10.0 MB",
    "Starting Python ...",
    "",
  ]);
});

test("without a total only the bytes so far are shown", () => {
  const { progress, lines } = record();
  progress.update("a", 1_000_000, undefined);
  progress.update("a", 9_000_000, undefined);
  assert.deepEqual(lines.slice(1), [
    "Loading Python ... 1.0 MB",
    "Loading Python ... 9.0 MB",
  ]);
});

test("downloads after the start show nothing", () => {
  const { progress, lines } = record();
  progress.finish();
  progress.update("package", 1_000_000, 1_000_000);
  assert.deepEqual(lines, ["Loading Python ...", ""]);
});
