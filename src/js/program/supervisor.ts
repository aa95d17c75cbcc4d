/**
 * The program's main thread: it starts the interpreter in a thread of its own, and serves it with
 * what a busy thread cannot get itself: signals, input, the size of the terminal.
 */

import { dirname, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { Channel, type ReadRequest, Word, type WorkerData } from "./channel";
import { EditedInput, type Input, PlainInput } from "./input";

/** Megabytes; V8 takes about a quarter of a thread's stack for itself. */
const STACK_SIZE_MB = 16;
/** After so many interrupts that Python has not taken, the program gives up. */
const PATIENCE = 3;

/** Runs the program; the process ends with Python's exit status. */
export function supervise(script: string): void {
  const channel = new Channel();
  const edits =
    process.stdin.isTTY === true &&
    (process.stdout.isTTY === true || process.stderr.isTTY === true) &&
    process.env["TERM"] !== "dumb";
  const data: WorkerData = {
    memory: channel.memory,
    // Not the file that a link stands for: a virtual environment is found by the link.
    executable: resolve(process.argv[1] ?? script),
    folder: dirname(script),
    args: process.argv.slice(2),
    edits,
  };
  followWindowSize(channel);
  const worker = new Worker(script, {
    workerData: data,
    execArgv: process.execArgv,
    resourceLimits: { stackSizeMb: STACK_SIZE_MB },
  });
  const interrupt = onInterrupt(channel);
  const input: Input = edits ? new EditedInput(channel, interrupt) : new PlainInput(channel);
  process.on("SIGINT", interrupt);
  worker.on("message", (request: ReadRequest) => input.request(request));
  worker.on("error", (error) => {
    console.error("python: the interpreter's thread has failed:", error);
    process.exitCode = 1;
  });
  worker.on("exit", (status) => {
    if (edits) {
      input.close();
    }
    if (Atomics.load(channel.words, Word.KilledBySignal) !== 0) {
      dieOf("SIGINT");
    } else {
      process.exit(process.exitCode ?? status);
    }
  });
}

function onInterrupt(channel: Channel): () => void {
  let ignored = 0;
  return () => {
    ignored = channel.interrupt() ? 0 : ignored + 1;
    if (ignored >= PATIENCE) {
      dieOf("SIGINT");
    }
  };
}

/** Ends the process as the signal does, so that a shell sees what has happened. */
function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function followWindowSize({ words }: Channel): void {
  const terminal = [process.stdout, process.stderr].find((stream) => stream.isTTY);
  if (terminal === undefined) {
    return;
  }
  const update = (): void => {
    Atomics.store(words, Word.Rows, terminal.rows);
    Atomics.store(words, Word.Columns, terminal.columns);
  };
  update();
  terminal.on("resize", update);
}
