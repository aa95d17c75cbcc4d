/**
 * The explicit conversion to JavaScript item by item: where the program has given converters, or
 * Python code must be asked what a container holds. One crossing a container; what is nothing
 * but builtin containers goes as one tape instead (tape_explicit.ts).
 *
 * The walk keeps its own stack. Only converters that call `convert` nest on the machine's stack.
 */
import {
  ConversionFlag,
  ConverterKind,
  ErrorCode,
  type Ptr,
  type Pyx,
  SLOT_SIZE,
  type SlotPtr,
  Tag,
  TAPE_MAX_DEPTH,
} from "./abi.gen";
import { encodeError, PythonRaise } from "./errors";
import { enter, ProxyKind, type Runtime } from "./runtime";
import { decode, encodeKeepArray } from "./slots";
import {
  addItem,
  Child,
  decodeExplicit,
  discard,
  LevelReader,
  newDict,
  Pairs,
  track,
} from "./tape_explicit";

type Callback = (...args: unknown[]) => unknown;

/** A converter written in Python, by its address; the caller keeps it alive. */
export class PythonConverter {
  constructor(readonly ptr: Ptr) {}
}

/** A converter in either language. */
export type Converter = Callback | PythonConverter;

/** How a conversion goes. */
export interface ToJsRules {
  /** Levels of containers; -1 for all. */
  readonly depth: number;
  /** Gets the proxies that are made. */
  readonly pyproxies: unknown[] | null;
  /** Without it an object that has no conversion is an error. */
  readonly createProxies: boolean;
  readonly dictConverter: Converter | undefined;
  readonly defaultConverter: Converter | undefined;
  readonly eagerConverter: Converter | undefined;
}

/** Converters that call convert() may nest this deep: each level is several frames of stack. */
export const MAX_NESTING = 300;

const VALUE_DESTROYED =
  "This proxy was destroyed when the converter that it was passed to returned. " +
  "Use the 'copy' method to keep it.";

/** A conversion that has not come to its end yet. */
const OPENED = Symbol("opened");
/** In the cache for a dict that waits for its dict_converter. */
const UNFINISHED = Symbol("unfinished");

const conversionError = (text: string): PythonRaise =>
  new PythonRaise(ErrorCode.CONVERSION_ERROR, text);

export const nestedTooDeep = (what: string, limit: number): PythonRaise =>
  new PythonRaise(ErrorCode.RECURSION_ERROR, `${what} are nested more than ${limit} levels deep`);

/**
 * Cross with an object and hand the result to `use`.
 * @param values what goes into the frame: addresses of Python objects, or JavaScript values that
 * are not copied
 */
export function cross<T>(
  rt: Runtime,
  f: Pyx,
  a: number,
  b: number,
  values: readonly unknown[],
  use: (out: SlotPtr, ref: unknown) => T,
): T {
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve((1 + values.length) * SLOT_SIZE);
  const refs: unknown[] = [null, null];
  try {
    values.forEach((value, i) => {
      const slot = out + (1 + i) * SLOT_SIZE;
      if (value instanceof Child) writeObject(rt, slot, value.ptr);
      else refs[i] = encodeKeepArray(rt, value, slot, i);
    });
    const frame = out + SLOT_SIZE;
    const ref = enter(rt, f, a, b, frame, values.length, out, refs[0], refs[1], null, null);
    heap.check();
    return use(out, ref);
  } finally {
    heap.top = top;
  }
}

function writeObject(rt: Runtime, slot: SlotPtr, ptr: Ptr): void {
  const { heap } = rt;
  heap.check();
  const w = slot >>> 2;
  heap.i32[w] = Tag.PYOBJ;
  heap.i32[w + 1] = 0;
  heap.u32[w + 2] = ptr;
  heap.u32[w + 3] = 0;
}

/** Take a reference to a Python object. */
export function hold(rt: Runtime, ptr: Ptr): Child {
  return cross(rt, rt.exports.pyx_incref, ptr, 0, [], (out, ref) => {
    if (rt.heap.u8[out] !== Tag.PYOBJ) decode(rt, out, ref, ProxyKind.Owned);
    return new Child(ptr, rt.heap.i32[(out >>> 2) + 1]!);
  });
}

/** The address of the object behind a PyProxy; undefined for any other value. */
export function addressOf(rt: Runtime, value: unknown): Ptr | undefined {
  const isObject = typeof value === "object" ? value !== null : typeof value === "function";
  const ptr = isObject ? rt.unwrapProxy(value as object) : undefined;
  return ptr === undefined ? undefined : Math.abs(ptr);
}

/** A converter as a caller in JavaScript gives it: a function, or a PyProxy of a callable. */
export function asConverter(rt: Runtime, given: object): Converter {
  const ptr = addressOf(rt, given);
  return ptr === undefined ? (given as Callback) : new PythonConverter(ptr);
}

/** A container whose items are being converted. */
interface Level {
  readonly ptr: Ptr;
  /** Levels that its items may go down. */
  readonly depth: number;
  /** Items; those before `next` are converted. */
  readonly values: unknown[];
  next: number;
  /** Make the result of the converted items. */
  finish(): unknown;
}

/** One call of toJs. */
class ToJs {
  /** Results by address. */
  private readonly cache = new Map<Ptr, unknown>();
  /** Results of what has no conversion: proxies, and what default_converter made. */
  private readonly leaves = new Map<Ptr, unknown>();
  /** What eager_converter has seen. */
  private readonly offered = new Set<Ptr>();
  /** References given back at the end; they keep the addresses above valid. */
  private readonly held: Ptr[] = [];
  private readonly made: object[] = [];
  private readonly levels: Level[] = [];
  private nesting = 0;
  private ended = false;

  constructor(
    readonly rt: Runtime,
    private readonly rules: ToJsRules,
  ) {}

  /** Convert an object, whose reference is taken over. */
  run(root: Child): unknown {
    try {
      const result = this.convert(root, this.rules.depth);
      track(this.rt, this.made, this.rules.pyproxies);
      return result;
    } catch (error) {
      discard(this.rt, this.made);
      throw error;
    } finally {
      this.ended = true;
      this.rt.release(this.held);
    }
  }

  /** Convert an object, whose reference is taken over, for a converter. */
  part(child: Child, offer: ToJsOffer): unknown {
    this.mustRun("convert", child.ptr);
    return this.convert(child, child.ptr === offer.ptr ? offer.ownDepth : offer.depth);
  }

  /** Make `result` the conversion of an object, whose reference is taken over. */
  announce(child: Child, result: unknown, fresh: boolean): void {
    this.mustRun("cacheConversion", child.ptr);
    this.held.push(child.ptr);
    if (fresh) this.made.push(result as object);
    this.cache.set(child.ptr, result);
  }

  private mustRun(name: string, ptr: Ptr): void {
    if (!this.ended) return;
    this.rt.release([ptr]);
    throw new Error(`${name} can be called only while the conversion runs`);
  }

  private below(depth: number): number {
    return depth > 0 ? depth - 1 : depth;
  }

  private convert(root: Child, depth: number): unknown {
    this.held.push(root.ptr);
    const { levels } = this;
    const base = levels.length;
    try {
      let value = this.begin(root, depth);
      while (levels.length > base) {
        const level = levels[levels.length - 1]!;
        if (value !== OPENED) level.values[level.next++] = value;
        value = this.advance(level);
      }
      return value;
    } catch (error) {
      // The converter may go on without this part.
      for (const { ptr } of levels.splice(base)) this.cache.delete(ptr);
      throw error;
    }
  }

  /** Go on with the innermost level, up to the next item that gives a value, or to its end. */
  private advance(level: Level): unknown {
    const { values } = level;
    for (; level.next < values.length; level.next++) {
      const item = values[level.next];
      if (item instanceof Child) return this.begin(item, level.depth);
    }
    const value = level.finish();
    this.levels.pop();
    this.cache.set(level.ptr, value);
    return value;
  }

  /** The value of an object, or OPENED when it has become the innermost level. */
  private begin(child: Child, depth: number): unknown {
    const { ptr } = child;
    if (this.cache.has(ptr)) {
      const known = this.cache.get(ptr);
      if (known !== UNFINISHED) return known;
      throw conversionError(
        "A dict that contains itself cannot be converted with a dict_converter",
      );
    }
    if (depth === 0) return this.leaf(child, 0);
    const { eagerConverter } = this.rules;
    if (eagerConverter === undefined || this.offered.has(ptr)) return this.open(child, depth);
    this.offered.add(ptr);
    const value = this.ask(eagerConverter, child, depth, true);
    this.cache.set(ptr, value);
    return value;
  }

  /** Read what a container holds. */
  private open(child: Child, depth: number): unknown {
    const { rt } = this;
    const content = cross(rt, rt.exports.pyx_to_js_level, child.ptr, 0, [], (out, ref) =>
      this.readLevel(out, ref),
    );
    const below = this.below(depth);
    if (content === undefined) return this.leaf(child, below);
    if (Array.isArray(content)) {
      this.push({ ptr: child.ptr, depth: below, values: content, next: 0, finish: () => content });
      this.cache.set(child.ptr, content);
      return OPENED;
    }
    if (content instanceof Pairs) return this.openDict(child, below, content);
    this.cache.set(child.ptr, content);
    return content;
  }

  private readLevel(out: SlotPtr, ref: unknown): unknown {
    const { heap } = this.rt;
    const w = out >>> 2;
    const tag = heap.u8[out];
    if (tag === Tag.ABSENT) return undefined;
    if (tag !== Tag.TAPE) return decode(this.rt, out, ref, ProxyKind.Owned);
    const saved = heap.i32[w + 1]!;
    const reader = new LevelReader(this.rt, heap.u32[w + 2]!);
    try {
      return reader.read();
    } finally {
      this.rt.refs.length -= saved;
      for (const ptr of reader.owned) this.held.push(ptr);
    }
  }

  private openDict(child: Child, depth: number, { keys, values }: Pairs): unknown {
    const { ptr } = child;
    const { dictConverter } = this.rules;
    if (dictConverter !== undefined) {
      const finish = (): unknown => {
        const pairs = keys.map((key, i) => [key, values[i]]);
        return this.nested(() => this.callDictConverter(dictConverter, pairs));
      };
      this.push({ ptr, depth, values, next: 0, finish });
      this.cache.set(ptr, UNFINISHED);
      return OPENED;
    }
    const result = newDict(this.rt);
    const finish = (): unknown => {
      keys.forEach((key, i) => addItem(result, key, values[i]));
      return result;
    };
    this.push({ ptr, depth, values, next: 0, finish });
    this.cache.set(ptr, result);
    return OPENED;
  }

  private push(level: Level): void {
    if (this.levels.length >= TAPE_MAX_DEPTH) throw nestedTooDeep("containers", TAPE_MAX_DEPTH);
    this.levels.push(level);
  }

  /** Run a converter, which may come back to this conversion. */
  private nested<T>(action: () => T): T {
    if (this.nesting >= MAX_NESTING) throw nestedTooDeep("calls of converters", MAX_NESTING);
    this.nesting++;
    try {
      return action();
    } finally {
      this.nesting--;
    }
  }

  private callDictConverter(converter: Converter, pairs: unknown[]): unknown {
    if (!(converter instanceof PythonConverter)) return converter(pairs);
    return this.callPython(converter, ConverterKind.DICT, [pairs], undefined);
  }

  /** What has no conversion of its own. */
  private leaf(child: Child, depth: number): unknown {
    const { ptr } = child;
    if (this.leaves.has(ptr)) return this.leaves.get(ptr);
    const { defaultConverter } = this.rules;
    const value =
      defaultConverter === undefined
        ? this.proxy(child)
        : this.ask(defaultConverter, child, depth, false);
    this.leaves.set(ptr, value);
    return value;
  }

  /** A proxy that the caller is told of. */
  private proxy({ ptr, flags }: Child): object {
    this.mayProxy(ptr);
    const proxy = this.rt.makeProxy(hold(this.rt, ptr).ptr, flags, ProxyKind.Owned);
    this.made.push(proxy);
    return proxy;
  }

  private mayProxy(ptr: Ptr): void {
    if (this.rules.createProxies) return;
    const { rt } = this;
    const name = cross(rt, rt.exports.pyx_type_name, ptr, 0, [], (out, ref) =>
      decode(rt, out, ref, ProxyKind.Owned),
    );
    throw conversionError(
      `No conversion to JavaScript is known for an object of type '${name as string}', ` +
        "and create_pyproxies is false",
    );
  }

  private ask(converter: Converter, child: Child, depth: number, eager: boolean): unknown {
    const offer = eager
      ? new ToJsOffer(this, this.below(depth), child.ptr, depth)
      : new ToJsOffer(this, depth, 0, 0);
    return this.nested(() =>
      converter instanceof PythonConverter
        ? this.callPython(converter, ConverterKind.TO_JS, [child, offer], child)
        : this.callJavaScript(converter, child, offer),
    );
  }

  private callJavaScript(converter: Callback, child: Child, offer: ToJsOffer): unknown {
    const { rt } = this;
    const value = rt.makeProxy(hold(rt, child.ptr).ptr, child.flags, ProxyKind.Owned);
    let result: unknown;
    try {
      result = converter(value, offer.convert, offer.cache);
    } finally {
      if (result !== value) rt.destroyCallProxies([value], VALUE_DESTROYED);
    }
    if (result !== value) return result;
    this.made.push(value);
    this.mayProxy(child.ptr);
    return value;
  }

  private callPython(
    converter: PythonConverter,
    kind: ConverterKind,
    values: readonly unknown[],
    child: Child | undefined,
  ): unknown {
    const { rt } = this;
    return cross(rt, rt.exports.pyx_convert, converter.ptr, kind, values, (out, ref) => {
      const tag = rt.heap.u8[out];
      if (tag === Tag.SAME && child !== undefined) return this.proxy(child);
      const result = decode(rt, out, ref, ProxyKind.Owned);
      if (tag === Tag.PYOBJ) {
        this.made.push(result as object);
        this.mayProxy(addressOf(rt, result)!);
      }
      return result;
    });
  }
}

/** A question put to a converter: what its `convert` and `cacheConversion` work on. */
export class ToJsOffer {
  /**
   * @param depth levels that parts of the object may go down
   * @param ptr the object itself, for eager_converter, which may have it converted; else 0
   * @param ownDepth levels that `ptr` may go down, its own included
   */
  constructor(
    private readonly conversion: ToJs,
    readonly depth: number,
    readonly ptr: Ptr,
    readonly ownDepth: number,
  ) {}

  /** `convert` of JavaScript's converters. */
  readonly convert = (value: unknown): unknown => {
    const { rt } = this.conversion;
    const ptr = addressOf(rt, value);
    return ptr === undefined ? value : this.conversion.part(hold(rt, ptr), this);
  };

  /** `cacheConversion` of JavaScript's converters. */
  readonly cache = (value: unknown, result: unknown): void => {
    const { rt } = this.conversion;
    const ptr = addressOf(rt, value);
    if (ptr === undefined) {
      throw new TypeError("cacheConversion: the first argument must be a PyProxy");
    }
    this.conversion.announce(hold(rt, ptr), result, false);
  };

  /** `convert` of Python's converters. */
  part(child: Child): unknown {
    return this.conversion.part(child, this);
  }

  /** `cacheConversion` of Python's converters; `fresh` when the result is a new proxy. */
  announce(child: Child, result: unknown, fresh: boolean): void {
    this.conversion.announce(child, result, fresh);
  }
}

/** Convert an object item by item; its reference is taken over. */
export function convertItems(rt: Runtime, root: Child, rules: ToJsRules): unknown {
  return new ToJs(rt, rules).run(root);
}

/** The error that toJs throws for what went wrong in a conversion: a ConversionError of Python. */
function failure(rt: Runtime, error: unknown): unknown {
  if (rt.fatal.poisoned) return error;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encodeError(rt, error, frame);
    const f = rt.exports.pyx_conversion_failed;
    const ref = enter(rt, f, 0, 0, frame, 1, out, r0, null, null, null);
    return ref ?? rt.noGilError();
  } finally {
    heap.top = top;
  }
}

/**
 * PyProxy.toJs of the object at `ptr`.
 * @throws PythonError of the type ConversionError
 */
export function toJs(rt: Runtime, ptr: Ptr, rules: ToJsRules): unknown {
  const { dictConverter, defaultConverter, eagerConverter } = rules;
  try {
    const converters = dictConverter ?? defaultConverter ?? eagerConverter;
    if (converters !== undefined) return convertItems(rt, hold(rt, ptr), rules);
    const value = convertTape(rt, ptr, rules);
    return value === OPENED ? convertItems(rt, hold(rt, ptr), rules) : value;
  } catch (error) {
    throw failure(rt, error);
  }
}

/** Convert in one crossing; OPENED when Python code must be asked. */
function convertTape(rt: Runtime, ptr: Ptr, rules: ToJsRules): unknown {
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const flags = rules.createProxies ? 0 : ConversionFlag.NO_PROXIES;
    const f = rt.exports.pyx_to_js;
    const ref = enter(rt, f, ptr, rules.depth, 0, flags, out, null, null, null, null);
    heap.check();
    if (heap.u8[out] === Tag.ABSENT) return OPENED;
    return decodeExplicit(rt, out, ref, rules.pyproxies);
  } finally {
    heap.top = top;
  }
}
