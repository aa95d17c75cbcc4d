/**
 * The program's second thread: it loads the runtime, lets Python do what the command line says,
 * and ends with Python's exit status.
 */

import { spawnSync } from "node:child_process";
import { Console } from "node:console";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import type { PyodideAPI } from "../api/api";
import type { FSType } from "../api/emscripten";
import type { LoadOptions } from "../api/options";
import type { Core } from "../core/core";
import { Channel, type ReadRequest, Word, type WorkerData } from "./channel";
import { mountHost } from "./host_files";
import { asksForHelp, OPTIONS_HELP, readOptions, UsageError } from "./options";
import { nodeStream, processStreams, windowSize } from "./streams";

/** `major.minor` of the Python inside; filled in by the build. */
declare const BUILD_PYTHON: string;

const LIBRARY = `/lib/python${BUILD_PYTHON}`;
/** What only this program uses of CPython's library; in the distribution's folder. */
const OWN_LIBRARY = "program";
const OWN_MODULES = ["ensurepip", "pydoc_data", "venv"];
/** What fits a stack of {@link STACK_SIZE_MB}. */
const C_RECURSION = 4000;

interface Loader {
  loadPyodide(options: LoadOptions): Promise<PyodideAPI>;
}

/** Runs Python's command line, then ends the thread. */
export async function interpret(data: WorkerData): Promise<void> {
  globalThis.console = new Console({ stdout: nodeStream(1), stderr: nodeStream(2) });
  const channel = new Channel(data.memory);
  process.exit(await run(channel, data));
}

async function run(channel: Channel, data: WorkerData): Promise<number> {
  let core: Core | undefined;
  try {
    const pyodide = await load(channel, data);
    pyodide.setInterruptBuffer(channel.words);
    const { signals } = (core = pyodide._api.core as Core);
    pyodide.registerJsModule("_pyodide_program", {
      wait: (milliseconds: number) => signals.wait(milliseconds),
      run: runProcess,
      windowSize: () => windowSize(channel),
      letGoOfGlobals: () => pyodide.globals.destroy(),
    });
    return await core.runMain();
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`python: ${error.message}`);
      return 2;
    }
    if (!(error instanceof Error) || !error.name.startsWith("Exit") || !("status" in error)) {
      console.error(error);
      return 1;
    }
    if (error.status === 0 && asksForHelp(data.args)) {
      console.log(OPTIONS_HELP.trimEnd());
    }
    return error.status as number;
  } finally {
    if (core?.endedByInterrupt()) {
      Atomics.store(channel.words, Word.KilledBySignal, 1);
    }
  }
}

/**
 * Runs a process and waits for its end.
 *
 * @param quiet - whether its output is shown only if it fails
 * @returns its exit status, or minus the number of the signal that has ended it
 */
function runProcess(
  file: string,
  args: string[],
  env: Record<string, string>,
  cwd: string,
  quiet: boolean,
): number {
  const { error, status, signal, stdout, stderr } = spawnSync(file, args, {
    env,
    cwd,
    stdio: [0, quiet ? "pipe" : 1, quiet ? "pipe" : 2],
  });
  if (error !== undefined) {
    throw error;
  }
  if (quiet && status !== 0) {
    console.error(`${stdout.toString()}${stderr.toString()}`);
  }
  return status ?? -constants.signals[signal!];
}

async function load(channel: Channel, data: WorkerData): Promise<PyodideAPI> {
  const loader = pathToFileURL(join(data.folder, "pyodide.mjs")).href;
  const { loadPyodide } = (await import(loader)) as Loader;
  const ask = (request: ReadRequest): void => parentPort!.postMessage(request);
  const { executable, folder } = data;
  return loadPyodide({
    ...readOptions(data.args),
    args: data.args,
    env: process.env as Record<string, string>,
    fsInit(fs) {
      mountHost(fs);
      addOwnLibrary(fs, join(folder, OWN_LIBRARY));
      // Before Python starts, for it makes the script's path absolute.
      fs.chdir(process.cwd());
    },
    _commandLine: {
      executable: { path: executable, base: realpathSync(executable) },
      cwd: process.cwd(),
      streams: processStreams(channel, ask, data.edits),
      cRecursion: C_RECURSION,
    },
  });
}

function addOwnLibrary(fs: FSType, folder: string): void {
  for (const name of OWN_MODULES.filter((name) => existsSync(join(folder, name)))) {
    fs.symlink(join(folder, name), `${LIBRARY}/${name}`);
  }
  fs.writeFile(`${LIBRARY}/EXTERNALLY-MANAGED`, EXTERNALLY_MANAGED);
}

/** What pip says when it is asked to install something outside of a virtual environment. */
const EXTERNALLY_MANAGED = `[externally-managed]
Error=Packages that are installed here are gone when the program ends. Make a virtual environment:
 python -m venv DIR, then DIR/bin/pip install PACKAGE
`;
