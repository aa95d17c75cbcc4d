/** Looking at what has been thrown: anything, also a proxy whose traps throw. */

/** A property; undefined when it cannot be read. */
export function property(thrown: unknown, name: string): unknown {
  try {
    return (thrown as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** True for an instance of a class. */
export function isA<T>(thrown: unknown, type: new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

/** What engines throw for an exception of WebAssembly. */
export interface WasmException {
  is(tag: object): boolean;
  getArg(tag: object, index: number): number;
}

/** Older engines do not have it, and TypeScript does not know it yet. */
const { Exception } = WebAssembly as { Exception?: new () => WasmException };

/** True for an exception of WebAssembly, such as one of C++. */
export function isWasmException(thrown: unknown): thrown is WasmException {
  return Exception !== undefined && isA(thrown, Exception);
}
