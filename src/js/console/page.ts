/**
 * The console page: a terminal, the download's progress, and a session once Python has started.
 */

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import type { PyCallable, PyProxy } from "../api/ffi";
import { loadPyodide, type PyodideAPI } from "../pyodide";
import { Breaks } from "./breaks";
import { type BlockStore, History } from "./history";
import { Progress } from "./progress";
import replSource from "./repl.py";
import { type Rich, showRich } from "./rich";
import { type Interpreter, type Screen, Session } from "./session";

const BRACKETED_PASTE = "\x1b[?2004h";
const RED = "\x1b[31m";
const RESET = "\x1b[0m";
const THEME = {
  background: "#14161a",
  foreground: "#e6e6e6",
  red: "#ff6b6b",
  green: "#7bd88f",
  magenta: "#d2a8ff",
};

/** What page scripts and tests find on `globalThis`. */
interface ConsoleGlobals {
  pyodide?: PyodideAPI;
  terminal?: Terminal;
}

function openTerminal(parent: HTMLElement): { terminal: Terminal; fit: FitAddon } {
  const terminal = new Terminal({
    // For registerDecoration, with which values are shown.
    allowProposedApi: true,
    convertEol: true,
    cursorBlink: true,
    fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, monospace',
    scrollback: 10_000,
    theme: THEME,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(parent);
  fit.fit();
  terminal.write(BRACKETED_PASTE);
  terminal.focus();
  return { terminal, fit };
}

/** The terminal as a screen; it has the page's size, also while writes wait for their turn. */
class PageScreen implements Screen {
  columns: number;
  rows: number;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.columns = terminal.cols;
    this.rows = terminal.rows;
  }

  write(data: string): void {
    this.#terminal.write(data);
  }

  clear(): void {
    // In turn with what has been written.
    this.#terminal.write("", () => this.#terminal.clear());
  }

  /** Takes on a size, in turn with what has been written. */
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#terminal.write("", () => this.#terminal.resize(columns, rows));
  }
}

/** Has the terminal fill its parent whenever that changes. */
function followSize(
  parent: HTMLElement,
  fit: FitAddon,
  screen: PageScreen,
  session: Session,
): void {
  const follow = (): void => {
    const size = fit.proposeDimensions();
    if (size !== undefined && (size.cols !== screen.columns || size.rows !== screen.rows)) {
      session.resize(() => screen.resize(size.cols, size.rows));
    }
  };
  new ResizeObserver(follow).observe(parent);
}

/** The browser's storage, unless the page may not use it. */
function blockStore(): BlockStore | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

function interpreterOf(repl: PyProxy): Interpreter {
  const method = (name: string): PyCallable => repl[name] as PyCallable;
  return {
    wantsMore: (block) => method("wants_more")(block) as boolean,
    run: (block) =>
      new Promise((resolve) => void method("run")(block, (error?: string) => resolve(error))),
    split(text) {
      const [statements, rest] = method("split")(text) as [string[], string];
      return { statements, rest };
    },
    interrupt: () => void method("interrupt")(),
    complete(text) {
      const [words, start] = method("complete")(text) as [string[], number];
      return { words, start };
    },
  };
}

/** Starts Python's half; output before the session begins goes straight to the terminal. */
function startSession(pyodide: PyodideAPI, terminal: Terminal, screen: Screen): Session {
  const names = pyodide.toPy({ __name__: "console_page" }) as PyProxy;
  pyodide.runPython(replSource, { globals: names, filename: "console_page.py" });
  const makeRepl = names.get("Repl") as PyCallable;
  let session: Session | undefined = undefined;
  const output =
    (style: string) =>
    (text: string): void =>
      session?.output(text, style);
  const ask = (): string | undefined =>
    session?.ask((question) => globalThis.prompt(question)) ?? undefined;
  const show = (type: Rich["type"], data: unknown): void =>
    showRich(terminal, { type, data } as Rich, (text) => session?.output(text));
  const breaks = new Breaks();
  const repl = makeRepl(output(""), output(RED), ask, show, breaks) as PyProxy;
  breaks.attach(pyodide);
  session = new Session(screen, interpreterOf(repl), new History(blockStore()));
  session.output(`${String(repl["banner"])}\n`);
  return session;
}

async function main(): Promise<void> {
  const parent = document.getElementById("terminal");
  if (parent === null) {
    throw new Error("The page has no element with the id 'terminal'");
  }
  const { terminal, fit } = openTerminal(parent);
  const globals = globalThis as ConsoleGlobals;
  globals.terminal = terminal;
  const progress = new Progress((text) => terminal.write(text));
  try {
    const pyodide = await loadPyodide({
      conversion: "native",
      onProgress: (state) => progress.update(state),
    });
    progress.finish();
    globals.pyodide = pyodide;
    const screen = new PageScreen(terminal);
    const session = startSession(pyodide, terminal, screen);
    followSize(parent, fit, screen, session);
    terminal.onData((data) => session.input(data));
    session.start();
  } catch (error) {
    progress.finish();
    const text = error instanceof Error ? error.message : String(error);
    terminal.write(`${RED}Python could not be started.\n${text}${RESET}\n`);
    throw error;
  }
}

void main();
