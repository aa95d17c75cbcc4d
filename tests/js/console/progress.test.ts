/** The console's progress bar. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadProgress } from "../../../src/js/api/progress";
import { Progress } from "../../../src/js/console/progress";

/** Text of each rewritten line. */
function record() {
  const lines: string[] = [];
  const progress = new Progress((text) => {
    assert.ok(text.startsWith("\r\x1b[K"));
    lines.push(text.slice(4));
  });
  const update = (stage: LoadProgress["stage"], loaded: number, total?: number) =>
    progress.update({ stage, loaded, total, file: undefined });
  return { progress, lines, update };
}

const bar = (full: number) => "█".repeat(full) + "░".repeat(24 - full);

test("the bar grows, and says when everything has arrived", () => {
  const { progress, lines, update } = record();
  update("download", 0, 8_000_000);
  update("download", 1_000_000, 8_000_000);
  update("download", 1_000_001, 8_000_000);
  update("download", 8_000_000, 8_000_000);
  update("start", 8_000_000, 8_000_000);
  update("ready", 8_000_000, 8_000_000);
  progress.finish();
  assert.deepEqual(lines, [
    "Loading Python ...",
    `Loading Python ${bar(0)} 0.0 of 8.0 MB`,
    `Loading Python ${bar(3)} 1.0 of 8.0 MB`,
    `Loading Python ${bar(24)} 8.0 of 8.0 MB`,
    "Starting Python ...",
    "",
  ]);
});

test("without a total only the bytes so far are shown", () => {
  const { lines, update } = record();
  update("download", 1_000_000);
  update("download", 9_000_000);
  assert.deepEqual(lines.slice(1), ["Loading Python ... 1.0 MB", "Loading Python ... 9.0 MB"]);
});

test("downloads after the start show nothing", () => {
  const { progress, lines, update } = record();
  progress.finish();
  update("packages", 1_000_000, 1_000_000);
  assert.deepEqual(lines, ["Loading Python ...", ""]);
});
