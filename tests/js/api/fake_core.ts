/**
 * A stand-in for the core: Python modules and dicts are plain JavaScript behind proxies that
 * can be told from other values and counted.
 */

import type { Core } from "../../../src/js/core/core";
import { type InterruptBuffer, Signals } from "../../../src/js/core/signals";

export class FakeProxy {
  static live = 0;
  destroyed = false;
  constructor(readonly target: unknown) {
    FakeProxy.live++;
  }
  destroy(): void {
    if (!this.destroyed) {
      this.destroyed = true;
      FakeProxy.live--;
    }
  }
}

export class FakePythonError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** A proxy of a dict. */
export class FakeDict extends FakeProxy {
  constructor(readonly items: Map<unknown, unknown>) {
    super(items);
  }
  get(key: unknown): unknown {
    return this.items.get(key);
  }
  has(key: unknown): boolean {
    return this.items.has(key);
  }
}

type PythonFunction = (...args: any[]) => unknown;

/** A callable proxy that records its keyword arguments as a last argument. */
function fakeFunction(body: PythonFunction): object {
  FakeProxy.live++;
  let destroyed = false;
  const callable = (...args: unknown[]): unknown => {
    if (destroyed) {
      throw new Error("Object has already been destroyed");
    }
    return body(...args);
  };
  Object.setPrototypeOf(callable, Object.create(FakeProxy.prototype));
  return Object.assign(callable, {
    callKwargs: callable,
    destroy() {
      if (!destroyed) {
        destroyed = true;
        FakeProxy.live--;
      }
    },
  });
}

/** What modules hold: functions of JavaScript stand for Python's. */
export type Modules = Record<string, Record<string, unknown>>;

/** A core over the given modules; the names `__main__` and `builtins` hold a `__dict__`. */
export class FakeCore {
  readonly imports = {};
  readonly imported: string[] = [];
  readonly ffi = { PyProxy: FakeProxy, PythonError: FakePythonError };
  readonly debug = {};
  poisoned: unknown = undefined;
  started: unknown;
  attached = false;
  fatalHooks: ((error: unknown) => void)[] = [];

  constructor(readonly modules: Modules) {}

  attach(): void {
    this.attached = true;
  }
  start(config: unknown): void {
    this.started = config;
  }
  importModule(name: string): unknown {
    this.imported.push(name);
    const module = this.modules[name];
    if (module === undefined) {
      throw new FakePythonError("ModuleNotFoundError", `No module named '${name}'`);
    }
    return new FakeProxy(module);
  }
  getAttr(proxy: FakeProxy, name: string): unknown {
    const holder = proxy.target as Record<string, unknown>;
    if (!Object.hasOwn(holder, name)) {
      throw new FakePythonError("AttributeError", name);
    }
    const value = holder[name];
    return typeof value === "function" ? fakeFunction(value as PythonFunction) : value;
  }
  toPy(value: unknown): unknown {
    return new FakeProxy(value);
  }
  onFatal(hook: (error: unknown) => void): void {
    this.fatalHooks.push(hook);
  }
  readonly refusal = "Pyodide already fatally failed and can no longer be used.";
  fatalHandler: ((error: unknown) => void) | undefined;
  setFatalHandler(handler: (error: unknown) => void): void {
    this.fatalHandler = handler;
  }
  fatalError(error: unknown): unknown {
    this.poisoned = error;
    for (const hook of this.fatalHooks) hook(error);
    return error;
  }
  readonly signals = new Signals();
  /** What checkSignals answers, or throws when it is an error. */
  signalAnswer: boolean | Error = true;
  setSignals(buffer: InterruptBuffer | undefined): void {
    this.signals.buffer = buffer;
  }
  checkSignals(): boolean {
    if (this.signalAnswer instanceof Error) throw this.signalAnswer;
    return this.signalAnswer;
  }
  registerComlink(): void {}

  setDebug(): boolean {
    return false;
  }
  /** The same object as the type that the API expects. */
  asCore(): Core {
    return this as unknown as Core;
  }
}
