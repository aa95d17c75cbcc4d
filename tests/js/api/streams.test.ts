/** Standard streams: input callbacks, line output, devices, error numbers. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type {
  EmscriptenModule,
  FSStreamOps,
} from "../../../src/js/api/emscripten";
import {
  CallbackReader,
  chooseHandlers,
  installStreams,
  type InputValue,
} from "../../../src/js/api/streams";
import type { DefaultStreams } from "../../../src/js/host/host";

function readAll(values: InputValue[], size: number): string[] {
  const reader = new CallbackReader(() => values.shift());
  const reads: string[] = [];
  for (let i = 0; i < 12; i++) {
    const buffer = new Uint8Array(size);
    const count = reader.read(buffer);
    reads.push(new TextDecoder().decode(buffer.subarray(0, count)));
  }
  return reads;
}

const firstReads = (values: InputValue[], size: number, count: number) =>
  readAll(values, size).slice(0, count);

test("strings get their newline, one value a read", () => {
  assert.deepEqual(firstReads(["ab", "c\n", null, "d"], 100, 5), [
    "ab\n",
    "c\n",
    "",
    "d\n",
    "",
  ]);
});

test("a long value is served in pieces", () => {
  assert.deepEqual(firstReads(["abcdef"], 4, 3), ["abcd", "ef\n", ""]);
});

test("bytes that end no line are followed by the end of input", () => {
  const values = [new Uint8Array([97, 98]), new Uint8Array([99, 10]).buffer];
  assert.deepEqual(firstReads(values, 100, 4), ["ab", "", "c\n", ""]);
});

test("numbers are bytes up to the end of the line", () => {
  assert.deepEqual(firstReads([104, 105, 10, 33, null], 100, 3), [
    "hi\n",
    "!",
    "",
  ]);
});

test("other types are refused", () => {
  const reader = new CallbackReader(() => true as unknown as InputValue);
  assert.throws(
    () => reader.read(new Uint8Array(4)),
    /stdin returned a value of type boolean/,
  );
});

class ErrnoError extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

/** A file system with just what installStreams uses. */
function fakeModule() {
  const devices = new Map<number, FSStreamOps>();
  const nodes = new Map<string, number>([
    ["/dev/stdin", 1],
    ["/dev/stdout", 2],
    ["/dev/stderr", 3],
  ]);
  const open = new Map<number, object>([0, 1, 2].map((fd) => [fd, { fd }]));
  const FS = {
    ErrnoError,
    makedev: (major: number, minor: number) => (major << 8) | minor,
    registerDevice: (device: number, ops: FSStreamOps) =>
      void devices.set(device, ops),
    getStream: (fd: number) => open.get(fd) ?? null,
    close: (stream: { fd: number }) => void open.delete(stream.fd),
    unlink: (path: string) => assert.ok(nodes.delete(path)),
    mkdev: (path: string, _mode: number, device: number) =>
      void nodes.set(path, device),
    open(path: string) {
      const fd = [0, 1, 2, 3].find((n) => !open.has(n))!;
      const stream = {
        fd,
        ops: devices.get(nodes.get(path)!)!,
        tty: undefined,
      };
      stream.ops.open?.(stream as never);
      open.set(fd, stream);
      return stream;
    },
  };
  const module = { FS, ERRNO_CODES: { EIO: 29, EBADF: 8, EPIPE: 64 } };
  const streamAt = (fd: number) =>
    open.get(fd) as { ops: FSStreamOps; tty: object | undefined };
  return { module: module as unknown as EmscriptenModule, streamAt };
}

const quietHost: DefaultStreams = {
  read: () => 0,
  write: () => {},
  flush: () => {},
  isatty: () => true,
};

test("devices call the handlers with exactly the bytes of the heap", () => {
  const { module, streamAt } = fakeModule();
  const lines: string[] = [];
  const options = {
    stdin: () => "x",
    stdout: (s: string) => lines.push(s),
    stderr: undefined,
  };
  installStreams(module, chooseHandlers(options as never, quietHost));
  const heap = new Int8Array(new TextEncoder().encode("..one\ntwo..").buffer);
  assert.equal(streamAt(1).ops.write!(streamAt(1) as never, heap, 2, 7), 7);
  assert.deepEqual(lines, ["one"]);
  streamAt(1).ops.fsync!(streamAt(1) as never);
  assert.deepEqual(lines, ["one", "two"]);
  const target = new Int8Array(6);
  assert.equal(streamAt(0).ops.read!(streamAt(0) as never, target, 1, 4), 2);
  assert.deepEqual([...target], [0, 120, 10, 0, 0, 0]);
  assert.equal(streamAt(1).tty, undefined);
  assert.notEqual(streamAt(2).tty, undefined);
});

test("a failing handler becomes the error number that it names, otherwise EIO", () => {
  const { module, streamAt } = fakeModule();
  const failures = [
    Object.assign(new Error("gone"), { code: "EPIPE" }),
    new Error("oops"),
    new ErrnoError(27),
  ];
  const stderr = () => {
    throw failures.shift();
  };
  installStreams(
    module,
    chooseHandlers({ stdin: undefined, stdout: undefined, stderr }, quietHost),
  );
  const log = mock.method(console, "error", () => {});
  const heap = new Int8Array([10]);
  const write = () => streamAt(2).ops.write!(streamAt(2) as never, heap, 0, 1);
  assert.throws(write, { errno: 64 });
  assert.equal(log.mock.callCount(), 0);
  assert.throws(write, { errno: 29 });
  assert.equal(log.mock.callCount(), 1);
  assert.throws(write, { errno: 27 });
  log.mock.restore();
  assert.throws(() => streamAt(2).ops.read!(streamAt(2) as never, heap, 0, 1), {
    errno: 8,
  });
});
