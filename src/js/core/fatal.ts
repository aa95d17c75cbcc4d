/**
 * Fatal errors: something escaped from WebAssembly that no gate expected. The interpreter's
 * state is then unknown, so it is never entered again.
 */
import { cppException } from "./cpp_exception";
import { type Runtime } from "./runtime";
import { property } from "./thrown";

/** Marks an error that has poisoned a runtime, so that every gate lets it pass. */
interface MaybeFatal {
  pyodide_fatal_error?: boolean;
}

export function isFatal(error: unknown): boolean {
  return property(error, "pyodide_fatal_error" satisfies keyof MaybeFatal) === true;
}

/** What emscripten throws when the program ends the process. */
interface EmscriptenExit {
  name: "ExitStatus";
  status: number;
}

function isExitStatus(error: unknown): error is EmscriptenExit {
  return typeof error === "object" && property(error, "name") === "ExitStatus";
}

/** Python has ended the process, by `os._exit` or at the end of its command line. */
export class Exit extends Error {
  constructor(
    /** The process's exit status. */
    readonly status: number,
  ) {
    super(`Program terminated with exit(${status})`);
  }
}
Object.defineProperty(Exit.prototype, "name", {
  value: "Exit",
  configurable: true,
  writable: true,
});

/** The command line has made Python exit at start, as `--version` does. */
export class ExitStatus extends Exit {}
Object.defineProperty(ExitStatus.prototype, "name", {
  value: "ExitStatus",
  configurable: true,
  writable: true,
});

export class FatalState {
  poisoned = false;
  /** The error that poisoned the runtime. */
  cause: unknown = undefined;
  private readonly hooks: ((error: unknown) => void)[] = [];
  /** What every use of the poisoned runtime says. */
  message = "Pyodide already fatally failed and can no longer be used.";
  /** Told of what has escaped from WebAssembly, instead of `poison`, which it should call. */
  handler: ((error: unknown) => void) | undefined = undefined;

  onFatal(hook: (error: unknown) => void): void {
    this.hooks.push(hook);
  }

  /** @throws Error always: the runtime is poisoned */
  refuse(): never {
    throw new Error(this.message, { cause: this.cause });
  }

  /**
   * Report what has escaped from WebAssembly.
   * @returns the error to throw on
   */
  escaped(rt: Runtime, error: unknown): unknown {
    if (this.handler === undefined || isFatal(error)) return this.poison(rt, error);
    const described = isExitStatus(error) ? error : (cppException(rt, error) ?? rt.asError(error));
    this.handler(described);
    return described;
  }

  /**
   * End the runtime in good order: nothing is logged.
   * @returns the error to throw on, where the end was not expected
   */
  exit(status: number): Error {
    const exit = new Exit(status);
    this.poisoned = true;
    this.cause = exit;
    this.message = "The Python runtime has exited and can no longer be used.";
    Object.defineProperty(exit, "pyodide_fatal_error", { value: true });
    for (const hook of this.hooks) hook(exit);
    return exit;
  }

  /**
   * Poison the runtime because of `error`, once, and log what is known.
   * @returns the error to throw on
   */
  poison(rt: Runtime, error: unknown): Error {
    if (isFatal(error)) return error as Error;
    if (isExitStatus(error)) return this.exit(error.status);
    const fatal = cppException(rt, error) ?? rt.asError(error);
    if (this.poisoned) {
      console.error("Recursive call to fatal_error. Inner error was:");
      console.error(fatal);
      return fatal;
    }
    this.poisoned = true;
    this.cause = fatal;
    try {
      Object.defineProperty(fatal, "pyodide_fatal_error", { value: true, configurable: true });
    } catch {
      // A frozen error cannot be marked; the runtime is poisoned all the same.
    }
    console.error(
      "Pyodide has suffered a fatal error. Please report this to the Pyodide maintainers.",
    );
    console.error("The cause of the fatal error was:");
    console.error(fatal);
    try {
      rt.dumpPythonStack();
    } catch (dumpError) {
      console.error("The Python stack could not be written:");
      console.error(dumpError);
    }
    for (const hook of this.hooks) hook(fatal);
    return fatal;
  }
}
