/** Looking at what has been thrown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isA, isWasmException, property } from "../../../src/js/core/thrown";

const revoked = Proxy.revocable({}, {});
revoked.revoke();

test("a property of anything, undefined when it cannot be read", () => {
  assert.equal(property(new TypeError("no"), "message"), "no");
  const hostile = {
    get name(): never {
      throw new Error("never");
    },
  };
  for (const thrown of [null, undefined, 1, "text", hostile, revoked.proxy]) {
    assert.equal(property(thrown, "name"), undefined);
  }
});

test("instances of a class", () => {
  assert.equal(isA(new TypeError(), Error), true);
  for (const thrown of [null, "Error", {}, revoked.proxy]) {
    assert.equal(isA(thrown, Error), false);
  }
});

test("exceptions of WebAssembly", () => {
  const { Tag, Exception } = WebAssembly as unknown as {
    Tag: new (type: { parameters: string[] }) => object;
    Exception: new (tag: object, values: number[]) => object;
  };
  const tag = new Tag({ parameters: ["i32"] });
  assert.equal(isWasmException(new Exception(tag, [1])), true);
  for (const thrown of [new Error(), null, revoked.proxy]) {
    assert.equal(isWasmException(thrown), false);
  }
});
