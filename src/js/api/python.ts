/**
 * Calling functions of Python modules by name, each looked up when it is called so that
 * replacing one in Python takes effect, and nothing left over afterwards.
 */

import type { Core } from "../core/core";
import type { Ffi, PyCallable, PyProxy } from "./ffi";

/** Access to Python modules for the public API. */
export class PythonSide {
  readonly core: Core;

  /** @param core - a started core */
  constructor(core: Core) {
    this.core = core;
  }

  /** The core's classes with their public types. */
  get ffi(): Ffi {
    return this.core.ffi as unknown as Ffi;
  }

  /** True for a Python object of this interpreter. */
  isPyProxy(value: unknown): value is PyProxy {
    return value instanceof this.ffi.PyProxy;
  }

  /** An attribute of a module. */
  attribute(module: string, name: string): unknown {
    const found = this.core.importModule(module);
    try {
      return this.core.getAttr(found, name);
    } finally {
      this.release(found);
    }
  }

  /** Destroys a value that is a proxy made for us; others are left alone. */
  release(value: unknown): void {
    // A poisoned runtime refuses, and the refusal would hide the error that poisoned it.
    if (this.core.poisoned === undefined && this.isPyProxy(value)) {
      value.destroy({ destroyRoundtrip: false });
    }
  }

  /**
   * Calls a function of a module.
   *
   * @param module - dotted module name
   * @param name - name of the function in it
   * @param args - positional arguments
   * @param kwargs - keyword arguments
   */
  call(module: string, name: string, args: unknown[], kwargs?: Record<string, unknown>): unknown {
    const callee = this.attribute(module, name) as PyCallable;
    try {
      return kwargs === undefined ? callee(...args) : callee.callKwargs(...args, kwargs);
    } finally {
      // A function of JavaScript may have been put in its place; that one is not ours to destroy.
      this.release(callee);
    }
  }
}
