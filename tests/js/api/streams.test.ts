/** Standard streams without a runtime: input callbacks, and devices over a stand-in for the file system. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Signals } from "../../../src/js/core/signals";
import type { EmscriptenModule, FSStream, FSStreamOps } from "../../../src/js/api/emscripten";
import { CallbackReader, type InputValue } from "../../../src/js/api/stream_input";
import { StandardStreams } from "../../../src/js/api/streams";
import type { DefaultStreams } from "../../../src/js/host/host";

/** What the first reads of a size get; the text of what they throw. */
function reads(
  values: (InputValue | Error)[],
  size: number,
  count: number,
  autoEOF = true,
): string[] {
  const reader = new CallbackReader(() => {
    const value = values.shift();
    if (value instanceof Error) throw value;
    return value;
  }, autoEOF);
  return Array.from({ length: count }, () => {
    const buffer = new Uint8Array(size);
    try {
      const read = reader.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, read));
    } catch (error) {
      return String(error);
    }
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("strings get their newline, one value a read", () => {
  const got = reads(["ab", "c\n", null, "d"], 100, 5);
  assert.deepEqual(got, ["ab\n", "c\n", "", "d\n", ""]);
});

test("a long value is served in pieces", () => {
  assert.deepEqual(reads(["abcdef"], 4, 3), ["abcd", "ef\n", ""]);
});

test("bytes that end no line are followed by the end of input", () => {
  const values = [bytes("ab"), bytes("c\n").buffer];
  assert.deepEqual(reads(values, 100, 4), ["ab", "", "c\n", ""]);
});

test("numbers are bytes up to the end of the line or of the buffer", () => {
  const values = [104, 105, 10, 33, null];
  assert.deepEqual(reads([...values], 100, 3), ["hi\n", "!", ""]);
  assert.deepEqual(reads([...values], 2, 4), ["hi", "\n", "!", ""]);
});

test("without autoEOF reads are filled until there are no more", () => {
  const values = ["ab", bytes("cd"), 101, null, "f"];
  assert.deepEqual(reads(values, 4, 6, false), ["ab\nc", "de", "", "f\n", "", ""]);
});

test("what came before an error is served after it", () => {
  const boom = new Error("boom");
  assert.deepEqual(reads(["ab", boom, "c"], 9, 4, false), ["Error: boom", "ab\n", "c\n", ""]);
  assert.deepEqual(reads([65, boom, 66, 10], 9, 3), ["Error: boom", "A", "B\n"]);
});

test("other types are refused", () => {
  for (const wrong of [true, {}, 1.5, 300, new Uint16Array(1), 1n]) {
    const [got] = reads([wrong as InputValue], 4, 1);
    assert.match(got!, /^TypeError: stdin returned .*; expected a string/);
  }
});

class ErrnoError extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

/** A file system with just what StandardStreams uses. */
function fakeModule() {
  const devices = new Map<number, FSStreamOps>();
  const nodes = new Map(["stdin", "stdout", "stderr", "tty"].map((n) => [`/dev/${n}`, 0]));
  const open = new Map<number, object>([0, 1, 2].map((fd) => [fd, { fd }]));
  const FS = {
    ErrnoError,
    makedev: (major: number, minor: number) => (major << 8) | minor,
    registerDevice: (device: number, ops: FSStreamOps) => void devices.set(device, ops),
    getStream: (fd: number) => open.get(fd) ?? null,
    close: (stream: { fd: number }) => void open.delete(stream.fd),
    closeStream: (fd: number) => void open.delete(fd),
    dupStream: (stream: object, fd: number) => void open.set(fd, stream),
    unlink: (path: string) => assert.ok(nodes.delete(path)),
    mkdev: (path: string, _mode: number, device: number) => void nodes.set(path, device),
    open(path: string) {
      const fd = [0, 1, 2, 3].find((n) => !open.has(n))!;
      const rdev = nodes.get(path)!;
      const stream = {
        fd,
        flags: 0,
        node: { rdev },
        stream_ops: devices.get(rdev)!,
      };
      open.set(fd, stream);
      stream.stream_ops.open?.(stream as unknown as FSStream);
      return stream;
    },
  };
  const module = {
    FS,
    ERRNO_CODES: {
      EIO: 29,
      EBADF: 8,
      EPIPE: 64,
      EAGAIN: 6,
      EINTR: 27,
      ENXIO: 60,
    },
    TTY: { default_tty_ops: {} },
    HEAP8: new Int8Array(8),
  } as unknown as EmscriptenModule;
  return { module, streamAt: (fd: number) => open.get(fd) as FSStream, open };
}

function setUp(callbacks: object = {}, host: Partial<DefaultStreams> = {}) {
  const fake = fakeModule();
  const signals = new Signals();
  const flushed: string[] = [];
  const streams = new StandardStreams(
    {
      module: fake.module,
      signals,
      host: {
        read: () => 0,
        write: (_fd, given) => given.length,
        flush: () => {},
        isatty: () => true,
        ...host,
      },
      isPyProxy: () => false,
      flushPython: () => void flushed.push("python"),
    },
    { stdin: undefined, stdout: undefined, stderr: undefined, ...callbacks },
  );
  const write = (fd: number, text: string) => {
    const heap = new Int8Array(bytes(text).buffer);
    const stream = fake.streamAt(fd);
    return stream.stream_ops.write!(stream, heap, 0, heap.length);
  };
  return { ...fake, streams, signals, flushed, write };
}

test("devices call the loader's callbacks with exactly the bytes of the heap", () => {
  const lines: string[] = [];
  const { streamAt } = setUp({
    stdin: () => "x",
    stdout: (s: string) => lines.push(s),
  });
  const [input, output] = [streamAt(0), streamAt(1)];
  const heap = new Int8Array(bytes("..one\ntwo..").buffer);
  assert.equal(output.stream_ops.write!(output, heap, 2, 7), 7);
  assert.deepEqual(lines, ["one"]);
  output.stream_ops.fsync!(output);
  assert.deepEqual(lines, ["one", "two"]);
  const target = new Int8Array(6);
  assert.equal(input.stream_ops.read!(input, target, 1, 4), 2);
  assert.deepEqual([...target], [0, 120, 10, 0, 0, 0]);
  assert.equal(output.tty, undefined);
  assert.notEqual(streamAt(2).tty, undefined);
});

test("Python is asked to write what it holds back once it runs", () => {
  const { streams, flushed } = setUp();
  streams.setStdout({ raw() {} });
  assert.deepEqual(flushed, []);
  streams.pythonStarted();
  streams.setStdout({ raw() {} });
  assert.deepEqual(flushed, ["python"]);
});

test("the host's streams wait when they are not ready, and a signal ends the waiting", () => {
  let tries = 0;
  const interruptible: boolean[] = [];
  const { streamAt, signals, write } = setUp(
    {},
    {
      read(_buffer, may) {
        interruptible.push(may);
        tries++;
        if (tries === 3) signals.buffer![0] = 2;
        throw Object.assign(new Error(), { code: "EAGAIN" });
      },
      write(_fd, given) {
        if (tries++ === 0) throw Object.assign(new Error(), { code: "EAGAIN" });
        return given.length;
      },
    },
  );
  assert.equal(write(1, "abc"), 3);
  tries = 1;
  signals.buffer = new Int32Array(1);
  const input = streamAt(0);
  const read = () => input.stream_ops.read!(input, new Int8Array(4), 0, 4);
  assert.throws(read, { errno: 27 });
  assert.deepEqual(interruptible, [true, true]);
  assert.equal(signals.buffer[0], 2);
});

test("a failing handler is the error number that it names, otherwise EIO", () => {
  const failures = [
    Object.assign(new Error("gone"), { code: "EPIPE" }),
    new Error("oops"),
    Object.assign(new Error(), { name: "ErrnoError", errno: 27 }),
  ];
  const { write, streamAt } = setUp({
    stderr() {
      throw failures.shift();
    },
  });
  const log = mock.method(console, "error", () => {});
  assert.throws(() => write(2, "\n"), { errno: 64 });
  assert.equal(log.mock.callCount(), 0);
  assert.throws(() => write(2, "\n"), { errno: 29 });
  assert.equal(log.mock.callCount(), 2);
  assert.throws(() => write(2, "\n"), { errno: 27 });
  log.mock.restore();
  const stderr = streamAt(2);
  assert.throws(() => stderr.stream_ops.read!(stderr, new Int8Array(1), 0, 1), {
    errno: 8,
  });
});

test("fatal errors pass", () => {
  const fatal = Object.assign(new Error("fatal"), {
    pyodide_fatal_error: true,
  });
  const { write } = setUp({
    stdout() {
      throw fatal;
    },
  });
  assert.throws(() => write(1, "\n"), fatal);
});
