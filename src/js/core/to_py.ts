/**
 * The explicit conversion to Python item by item, for toPy and to_py with a converter. Each
 * container is made empty, so that cycles find it, and filled when its items are converted: two
 * crossings, or one where no item is a container. Without a converter all goes as one tape.
 */
import { ConverterKind, type Ptr, SLOT_SIZE, Tag, TAPE_MAX_DEPTH } from "./abi.gen";
import { classify, type Container, isImmutable } from "./containers";
import { enter, ProxyKind, type Runtime } from "./runtime";
import { decode, writeTapeOf } from "./slots";
import { Child } from "./tape_explicit";
import { TapeWriter } from "./tape";
import {
  addressOf,
  type Converter,
  cross,
  hold,
  MAX_NESTING,
  nestedTooDeep,
  PythonConverter,
} from "./to_js";

/** Writes one level, whose containers are Python objects already. */
class LevelWriter extends TapeWriter {
  override container(value: object): void {
    if (value instanceof Child) this.head(Tag.PYOBJ, 0, value.ptr, 0);
    else this.object(value);
  }
}

/** A container whose items are being converted. */
interface Level {
  readonly source: object;
  /** The Python container, still empty. */
  readonly target: Child;
  /** Levels that its items may go down. */
  readonly depth: number;
  readonly keys: readonly unknown[] | undefined;
  readonly values: unknown[];
  next: number;
}

/** A conversion that has not come to its end yet. */
const OPENED = Symbol("opened");

/** True for what may have to be converted: objects, and symbols, which have no `typeof object`. */
const isObject = (value: unknown): value is object => !isImmutable(value);

/**
 * One call of toPy. Values are what the tape takes: a Child for what is a Python object, and
 * otherwise the JavaScript value itself.
 */
class ToPy {
  private readonly cache = new Map<object, unknown>();
  /** References given back at the end. */
  private readonly held: Ptr[] = [];
  private readonly levels: Level[] = [];
  private nesting = 0;
  private ended = false;

  constructor(
    readonly rt: Runtime,
    private readonly converter: Converter,
  ) {}

  /** @returns the value; a Child owns one reference more than the conversion gives back */
  run(root: object, depth: number): unknown {
    try {
      const value = this.convert(root, depth);
      return value instanceof Child ? hold(this.rt, value.ptr) : value;
    } finally {
      this.ended = true;
      this.rt.release(this.held);
    }
  }

  /** Convert for a converter. */
  part(value: unknown, depth: number): unknown {
    if (this.ended) throw new Error("convert can be called only while the conversion runs");
    return this.convert(value, depth);
  }

  /** Make a Python object, whose reference is taken over, the conversion of `value`. */
  announce(value: unknown, result: Child): void {
    if (this.ended) {
      this.rt.release([result.ptr]);
      throw new Error("cache can be called only while the conversion runs");
    }
    this.held.push(result.ptr);
    if (isObject(value)) this.cache.set(value, result);
  }

  private convert(root: unknown, depth: number): unknown {
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
      for (const { source } of levels.splice(base)) this.cache.delete(source);
      throw error;
    }
  }

  /** Go on with the innermost level, up to the next item that is an object, or to its end. */
  private advance(level: Level): unknown {
    const { values } = level;
    for (; level.next < values.length; level.next++) {
      if (isObject(values[level.next])) return this.begin(values[level.next], level.depth);
    }
    this.fill(level.target.ptr, level.source, level.keys, values);
    this.levels.pop();
    return level.target;
  }

  /** The value of an object, or OPENED when it has become the innermost level. */
  private begin(value: unknown, depth: number): unknown {
    if (!isObject(value) || this.rt.unwrapProxy(value) !== undefined || depth === 0) return value;
    if (this.cache.has(value)) return this.cache.get(value);
    const below = depth > 0 ? depth - 1 : depth;
    const content = classify(value);
    if (content === undefined) {
      const result = this.ask(value, below);
      this.cache.set(value, result);
      return result;
    }
    if (!this.needsLevel(content)) {
      const result = this.make((writer) => {
        if (content.kind === "list") writer.list(content.values);
        else if (content.kind === "dict") writer.dict(value, content.keys, content.values);
        else writer.flat(content);
      });
      this.cache.set(value, result);
      return result;
    }
    return this.open(value, content, below);
  }

  /** True when an item may have to be converted first. */
  private needsLevel(content: Container): boolean {
    return "values" in content && content.values.some(isObject);
  }

  private open(source: object, content: Container, depth: number): unknown {
    if (this.levels.length >= TAPE_MAX_DEPTH) throw nestedTooDeep("containers", TAPE_MAX_DEPTH);
    let keys: readonly unknown[] | undefined;
    let values: unknown[] = [];
    if (content.kind === "dict") {
      keys = content.keys;
      values = [...content.values];
    } else if (content.kind === "list") {
      // Holes become None.
      values = Array.from(content.values);
    }
    const target = this.make((writer) => {
      if (keys === undefined) writer.list([]);
      else writer.dict(source, [], []);
    });
    this.cache.set(source, target);
    this.levels.push({ source, target, depth, keys, values, next: 0 });
    return OPENED;
  }

  /** Make a Python container of what `write` writes. */
  private make(write: (writer: LevelWriter) => void): Child {
    return this.send(write, (frame, out, r0) => {
      const { rt } = this;
      const ref = enter(rt, rt.exports.pyx_to_py, 0, 0, frame, 1, out, r0, null, null, null);
      const made = this.take(out, ref);
      this.held.push(made.ptr);
      return made;
    });
  }

  private fill(
    target: Ptr,
    source: object,
    keys: readonly unknown[] | undefined,
    values: readonly unknown[],
  ): void {
    this.send(
      (writer) => {
        if (keys === undefined) writer.list(values);
        else writer.dict(source, keys, values);
      },
      (frame, out, r0) => {
        const { rt } = this;
        const ref = enter(rt, rt.exports.pyx_fill, target, 0, frame, 1, out, r0, null, null, null);
        decode(rt, out, ref, ProxyKind.Owned);
      },
    );
  }

  /** Write a tape of one level and cross with it. */
  private send<T>(
    write: (writer: LevelWriter) => void,
    go: (frame: number, out: number, r0: unknown) => T,
  ): T {
    const { rt } = this;
    const { heap } = rt;
    const top = heap.top;
    const refs = rt.refs.length;
    try {
      const out = heap.reserve(2 * SLOT_SIZE);
      const frame = out + SLOT_SIZE;
      heap.check();
      writeTapeOf(rt, frame, new LevelWriter(rt, {}), write);
      return go(frame, out, null);
    } finally {
      heap.top = top;
      rt.refs.length = refs;
    }
  }

  /** The object of a PYOBJ slot, with its reference. @throws what the slot says otherwise */
  private take(out: number, ref: unknown): Child {
    const { rt } = this;
    rt.heap.check();
    if (rt.heap.u8[out] !== Tag.PYOBJ) decode(rt, out, ref, ProxyKind.Owned);
    const w = out >>> 2;
    return new Child(rt.heap.u32[w + 2]!, rt.heap.i32[w + 1]!);
  }

  /** What the converter makes of an object. */
  private ask(value: object, depth: number): unknown {
    if (this.nesting >= MAX_NESTING) throw nestedTooDeep("calls of converters", MAX_NESTING);
    this.nesting++;
    try {
      const offer = new ToPyOffer(this, depth);
      const { converter } = this;
      if (converter instanceof PythonConverter) return this.callPython(converter, value, offer);
      return this.received(converter(value, offer.convert, offer.cache));
    } finally {
      this.nesting--;
    }
  }

  private callPython(converter: PythonConverter, value: object, offer: ToPyOffer): Child {
    const { rt } = this;
    const kind = ConverterKind.TO_PY;
    const f = rt.exports.pyx_convert;
    return cross(rt, f, converter.ptr, kind, [value, offer], (out, ref) => {
      const result = this.take(out, ref);
      this.held.push(result.ptr);
      return result;
    });
  }

  /** What a converter in JavaScript has returned; a proxy is used up. */
  private received(result: unknown): unknown {
    const ptr = isObject(result) ? this.rt.unwrapProxy(result) : undefined;
    if (ptr === undefined || ptr < 0) return result;
    const child = hold(this.rt, ptr);
    this.held.push(ptr);
    this.rt.destroyCallProxies([result as object], RETURNED);
    return child;
  }
}

const RETURNED = "This proxy was destroyed when a converter returned it. Use the 'copy' method.";

/** A question put to a converter: what its `convert` and `cache` work on. */
export class ToPyOffer {
  /** @param depth levels that parts of the object may go down */
  constructor(
    private readonly conversion: ToPy,
    private readonly depth: number,
  ) {}

  /** `convert` of JavaScript's converters: a PyProxy that the caller must destroy. */
  readonly convert = (value: unknown): unknown => {
    const { rt } = this.conversion;
    const result = this.part(value);
    if (!(result instanceof Child)) return result;
    const { ptr, flags } = hold(rt, result.ptr);
    return rt.makeProxy(ptr, flags, ProxyKind.Owned);
  };

  /** `cache` of JavaScript's converters. */
  readonly cache = (value: unknown, result: unknown): void => {
    const { rt } = this.conversion;
    const ptr = addressOf(rt, result);
    if (ptr === undefined) throw new Error("cache: the second argument must be a PyProxy");
    this.conversion.announce(value, hold(rt, ptr));
  };

  /** `convert` of Python's converters. */
  part(value: unknown): unknown {
    return this.conversion.part(value, this.depth);
  }

  /** `cache` of Python's converters; the reference is taken over. */
  announce(value: unknown, result: Child): void {
    this.conversion.announce(value, result);
  }
}

/** JsProxy.to_py: the value, or a Child with one reference that is the caller's. */
export function convertForPython(
  rt: Runtime,
  obj: object,
  depth: number,
  converter: Converter,
): unknown {
  return new ToPy(rt, converter).run(obj, depth < 0 ? -1 : depth);
}

/** pyodide.toPy with a converter. */
export function convertToPy(
  rt: Runtime,
  obj: object,
  depth: number,
  converter: Converter,
): unknown {
  const value = convertForPython(rt, obj, depth, converter);
  return value instanceof Child ? rt.makeProxy(value.ptr, value.flags, ProxyKind.Owned) : value;
}
