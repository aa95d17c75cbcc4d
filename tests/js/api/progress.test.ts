/** What onProgress is told, and what becomes of what it throws. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { type LoadProgress, ProgressReport } from "../../../src/js/api/progress";

test("downloads are summed up, stages follow one another", () => {
  const told: LoadProgress[] = [];
  const report = new ProgressReport((progress) => told.push(progress));
  report.hook!("a", 1, 8);
  report.hook!("b", 2, undefined);
  report.hook!("b", 2, 2);
  report.hook!("a", 9, 8);
  report.hook!("a", 8, 8);
  report.enter("start");
  report.enter("ready");
  report.hook!("package", 5, 5);
  assert.deepEqual(
    told.map((p) => [p.stage, p.loaded, p.total, p.file]),
    [
      ["download", 1, 8, "a"],
      ["download", 3, undefined, "b"],
      ["download", 3, 10, "b"],
      ["download", 11, undefined, "a"],
      ["download", 10, 10, "a"],
      ["start", 10, 10, undefined],
      ["ready", 10, 10, undefined],
      ["packages", 5, 5, "package"],
    ],
  );
});

test("what it throws comes out at the next stage, and it is not called again", () => {
  let calls = 0;
  const report = new ProgressReport(() => {
    calls++;
    throw new Error("no bar");
  });
  report.hook!("a", 1, 2);
  report.hook!("a", 2, 2);
  assert.throws(() => report.enter("start"), /no bar/);
  assert.equal(calls, 1);
});

test("after loading it is only logged", () => {
  const log = mock.method(console, "error", () => {});
  let fail = false;
  const report = new ProgressReport(() => {
    if (fail) throw new Error("no bar");
  });
  report.enter("ready");
  fail = true;
  report.hook!("package", 1, 1);
  assert.equal(log.mock.callCount(), 1);
  log.mock.restore();
});

test("nobody asks", () => {
  const report = new ProgressReport(undefined);
  assert.equal(report.hook, undefined);
  report.enter("start");
  report.enter("ready");
});
