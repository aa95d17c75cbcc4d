/** What toPy copies of an object, and how it is told from what stays a JsProxy. */

/** The content of a container, read once. */
export type Container =
  | { kind: "list"; values: readonly unknown[] }
  | { kind: "dict"; keys: readonly unknown[]; values: readonly unknown[] }
  | { kind: "set"; source: Set<unknown> }
  | { kind: "buffer"; source: ArrayBufferLike | ArrayBufferView };

/**
 * The levels of containers that an explicit conversion copies: -1 for all, which Infinity means too.
 * @param what the function that was called, for the error
 * @throws TypeError
 */
export function levelsOf(depth: number, what: string): number {
  if (depth === Infinity) return -1;
  if (!Number.isInteger(depth)) throw new TypeError(`${what}: depth must be an integer`);
  return depth < 0 ? -1 : depth;
}

/** True for what Python gets by value. */
export function isImmutable(value: unknown): value is Exclude<unknown, object | symbol> {
  // document.all is an object that calls itself undefined.
  if (typeof value === "undefined") return value === undefined;
  return typeof value === "object"
    ? value === null
    : !["function", "symbol"].includes(typeof value);
}

const { forEach, [Symbol.iterator]: mapIterator } = Map.prototype;
const sizeOf = Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get as (
  this: object,
) => number;

/** True for the commonest of plain objects: made by `{}` in this realm, and with no tag. No PyProxy is one. */
function isRecord(value: object): boolean {
  try {
    return (
      Object.getPrototypeOf(value) === Object.prototype &&
      value.constructor === Object &&
      // `arguments` looks like a record in all else.
      Object.prototype.toString.call(value) === "[object Object]"
    );
  } catch {
    // A revoked Proxy or a throwing trap: the careful way decides.
    return false;
  }
}

/** Of an object with more properties, which may be a hash table, V8 reads them quicker one by one. */
const FEW = 16;

/** The own enumerable properties of an object. */
function properties(source: object): Container {
  const keys = Object.keys(source);
  const n = keys.length;
  if (n <= FEW) {
    const values: unknown[] = Object.values(source);
    if (values.length === n) return { kind: "dict", keys, values };
  }
  const values = new Array<unknown>(n);
  let gone: Set<unknown> | undefined;
  for (let i = 0; i < n; i++) {
    const value = (source as Record<string, unknown>)[keys[i]!];
    values[i] = value;
    // A getter may have removed a later property.
    if (value === undefined && !Object.hasOwn(source, keys[i]!)) (gone ??= new Set()).add(i);
  }
  if (gone === undefined) return { kind: "dict", keys, values };
  const stays = (_: unknown, i: number): boolean => !gone.has(i);
  return { kind: "dict", keys: keys.filter(stays), values: values.filter(stays) };
}

/** The entries of a Map. */
function mapEntries(map: Map<unknown, unknown>): Container {
  let keys: unknown[] = [];
  let values: unknown[] = [];
  if (map[Symbol.iterator] === mapIterator) {
    // Several times as quick as an iterator, and the same unless a subclass has its own.
    const size = sizeOf.call(map);
    keys = new Array<unknown>(size);
    values = new Array<unknown>(size);
    let n = 0;
    forEach.call(map, (value, key) => {
      keys[n] = key;
      values[n++] = value;
    });
  } else {
    for (const [key, value] of map) {
      keys.push(key);
      values.push(value);
    }
  }
  return { kind: "dict", keys, values };
}

/** As classify, of the commonest containers that are no arrays; undefined for all else. */
export function classifyRecord(value: object): Container | undefined {
  return isRecord(value) ? properties(value) : undefined;
}

/** How toPy copies an object that is no PyProxy; undefined when it does not. */
export function classify(value: object): Container | undefined {
  if (isArray(value)) return { kind: "list", values: value };
  if (typeof value !== "object") return undefined;
  if (isRecord(value)) return properties(value);
  if (ArrayBuffer.isView(value)) return { kind: "buffer", source: value };
  const tag = tagOf(value);
  if (tag === "[object Map]" || isInstance(value, Map)) {
    return mapEntries(value as Map<unknown, unknown>);
  }
  if (tag === "[object Set]" || isInstance(value, Set)) {
    return { kind: "set", source: value as Set<unknown> };
  }
  if (tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]") {
    return { kind: "buffer", source: value as ArrayBufferLike };
  }
  if (tag === "[object Object]" && isPlain(value)) return properties(value);
  return undefined;
}

/** struct formats of the typed arrays, by the names of their classes; anything else is bytes. */
const FORMATS: Readonly<Record<string, string>> = {
  Int8Array: "b",
  Int16Array: "h",
  Uint16Array: "H",
  Int32Array: "i",
  Uint32Array: "I",
  BigInt64Array: "q",
  BigUint64Array: "Q",
  Float16Array: "e",
  Float32Array: "f",
  Float64Array: "d",
};

/** The getter of the tag that all typed arrays inherit; it does not ask subclasses. */
const viewTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)!.get as (this: object) => string | undefined;

/** The struct format of a buffer's items. */
export function formatOf(source: ArrayBufferLike | ArrayBufferView): string {
  return FORMATS[viewTag.call(source) ?? ""] ?? "B";
}

function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    // A revoked Proxy has no tag.
    return "";
  }
}

function isInstance(value: object, type: new () => object): boolean {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** True for `{}` and `Object.create(null)`, of any realm; not for instances of classes. */
function isPlain(value: object): boolean {
  const maker = (value as { constructor?: { name?: unknown } | null }).constructor;
  return maker === undefined || maker?.name === "Object";
}

/** Array.isArray that answers false for revoked Proxies. */
export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Python takes 1 and True, and 0 and False, for one key: refuse to lose one of them. */
export function refuseMerging(keys: ReadonlySet<unknown>, kind: "Map" | "Set"): void {
  for (const [number, bool] of [
    [1, true],
    [0, false],
  ]) {
    if (keys.has(number) && keys.has(bool)) {
      const role = kind === "Map" ? "as keys of a dict" : "in a set";
      throw new Error(
        `Cannot convert a ${kind} that contains both ${number} and ${bool}: ` +
          `they are the same ${role} in Python`,
      );
    }
  }
}
