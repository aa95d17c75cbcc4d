/** The operations of jsx_op: one function each, in the order of abi.toml. */
import { JsFlag, Op, OP_NAMES, SLOT_SIZE, type SlotPtr, StrKind, Tag } from "./abi.gen";
import { isLentTo, lend, useUpStep } from "./call_scope";
import { isNodeList, jsFlags } from "./capabilities";
import { takeFrames } from "./errors";
import { arrayRows, place } from "./ops_array";
import { bufferRows } from "./ops_buffer";
import {
  answer,
  answerKeep,
  answerList,
  argument,
  borrowing,
  checkedLength,
  type Dict,
  type Method,
  type Operation,
  type Rows,
  setTag,
  typeError,
} from "./ops_common";
import { mapRows } from "./ops_map";
import { notAStep, promiseRows } from "./ops_promise";
import { type Runtime } from "./runtime";
import { type CallScope, decodeArgument, encodeToPy } from "./slots";
import { define } from "./tape";
import { Child, decodeExplicit } from "./tape_explicit";
import {
  asConverter,
  convertItems,
  type Converter,
  PythonConverter,
  type ToJsOffer,
} from "./to_js";
import { convertForPython, type ToPyOffer } from "./to_py";

/** The text of repr(JsProxy): the object's own toString, else Object.prototype's. */
function representation(obj: unknown): string {
  let method: unknown;
  try {
    method = (obj as { toString?: unknown }).toString;
  } catch {
    // A throwing getter only means that there is no usable toString.
  }
  if (typeof method === "function") {
    const result: unknown = Reflect.apply(method as Method, obj, []);
    if (typeof result === "string") return result;
  }
  return Object.prototype.toString.call(obj);
}

/** Names for dir(): of the whole prototype chain, without those that begin with a digit. */
function attributeNames(obj: unknown): string[] {
  const names = new Set<string>();
  for (
    let at = Object(obj) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (!/^[0-9]/.test(name)) names.add(name);
    }
  }
  return [...names];
}

function isHtmlElement(obj: unknown): boolean {
  return /^\[object HTML.*Element\]$/.test(Object.prototype.toString.call(obj));
}

function truth(obj: unknown): boolean {
  if (!obj) return false;
  const like = obj as { size?: unknown; length?: unknown; byteLength?: unknown };
  if (like.size === 0) return isHtmlElement(obj);
  if (typeof obj !== "object") return true;
  if (like.length === 0 && (Array.isArray(obj) || ArrayBuffer.isView(obj) || isNodeList(obj))) {
    return false;
  }
  return like.byteLength !== 0;
}

/** The length that len() reports. */
function length(obj: unknown): unknown {
  const like = obj as { size?: unknown; length?: unknown };
  if (typeof like.size === "number" || typeof like.size === "bigint") return like.size;
  return like.length;
}

const identities = new WeakMap<object, number>();
const symbolIdentities = new Map<symbol, number>();
let nextIdentity = 1;

/** A number for each object: the same as long as it lives, and never given twice. */
function identity(obj: object | symbol): number {
  const known = typeof obj === "symbol" ? symbolIdentities.get(obj) : identities.get(obj);
  if (known !== undefined) return known;
  const id = nextIdentity++;
  if (typeof obj === "symbol") symbolIdentities.set(obj, id);
  else identities.set(obj, id);
  return id;
}

const rows: Rows = {
  ...arrayRows,
  ...mapRows,
  ...bufferRows,
  ...promiseRows,
  [Op.REPR]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, representation(obj), out),
  [Op.DIR]: (rt, obj, _a, _ra, _b, _rb, out) => answerList(rt, attributeNames(obj), out),
  [Op.TYPEOF]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, typeof obj, out),
  [Op.LENGTH]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, checkedLength(length(obj)), out),
  [Op.TRUTH]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, truth(obj), out),
  [Op.EQUAL]: (rt, obj, _a, ra, _b, _rb, out) => answer(rt, obj === ra, out),
  [Op.LESS]: (rt, obj, _a, ra, _b, _rb, out) => answer(rt, (obj as number) < (ra as number), out),
  [Op.LESS_EQUAL]: (rt, obj, _a, ra, _b, _rb, out) =>
    answer(rt, (obj as number) <= (ra as number), out),
  [Op.GREATER]: (rt, obj, _a, ra, _b, _rb, out) =>
    answer(rt, (obj as number) > (ra as number), out),
  [Op.GREATER_EQUAL]: (rt, obj, _a, ra, _b, _rb, out) =>
    answer(rt, (obj as number) >= (ra as number), out),
  [Op.JS_ID]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, identity(obj as object), out),
  [Op.ITERATE]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answer(rt, (obj as { [Symbol.iterator]: Method })[Symbol.iterator](), out),
  [Op.ITERATE_KEYS]: (rt, obj, _a, _ra, _b, _rb, out) => {
    const like = obj as { keys?: Method; [Symbol.iterator]: Method };
    return answer(rt, typeof like.keys === "function" ? like.keys() : like[Symbol.iterator](), out);
  },
  [Op.NEXT]: (rt, obj, a, ra, _b, _rb, out) => {
    const like = obj as { next: Method };
    if (isLentTo(obj)) return sendTo(rt, obj as object, a, ra, out);
    return borrowing(rt, a, ra, (value) => answerStep(rt, obj, like.next(value), out));
  },
  [Op.OBJECT_ENTRIES]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answerKeep(rt, Object.entries(obj as object), out),
  [Op.OBJECT_KEYS]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answerKeep(rt, Object.keys(obj as object), out),
  [Op.OBJECT_VALUES]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answerKeep(rt, Object.values(obj as object), out),
  [Op.WEAK_REF]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, new WeakRef(obj as object), out),
  [Op.GET_PROXY]: (rt, obj, a, ra, _b, _rb, out) => {
    const key = argument(rt, a, ra) as PropertyKey;
    const at = typeof key === "number" ? place(obj as unknown[], key) : key;
    const value = (obj as Dict)[at];
    if (value === undefined && !(at in (Object(obj) as object))) return setTag(rt, out, Tag.ABSENT);
    return answerKeep(rt, value, out);
  },
  [Op.DESTROY_ALL]: (rt, obj, _a, _ra, _b, _rb, out) => {
    for (const proxy of obj as { destroy: Method }[]) proxy.destroy();
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.TO_PY]: (rt, obj, a, ra, b, rb, out) => {
    const levels = argument(rt, a, ra) as number;
    // Of a revoked Proxy nothing can be told; this says so.
    Array.isArray(obj);
    if (b !== 0) {
      const converter = readConverter(rt, b, rb)!;
      return answerPart(rt, convertForPython(rt, obj as object, levels, converter), out, true);
    }
    const top = rt.heap.top;
    try {
      return encodeToPy(rt, obj, out, 0, levels);
    } finally {
      rt.heap.top = top;
    }
  },
  [Op.TO_JS]: (rt, _obj, a, ra, _b, rb, out) =>
    adopt(rt, decodeExplicit(rt, a, ra, rb as unknown[] | null), out),
  [Op.TO_JS_ITEMS]: (rt, _obj, a, _ra, _b, _rb, out) => {
    const root = child(rt, a);
    const value = (i: number): unknown => frameValue(rt, a + i * SLOT_SIZE);
    const converter = (i: number): Converter | undefined => {
      const slot = a + i * SLOT_SIZE;
      return readConverter(rt, slot, rt.heap.u8[slot] === Tag.REF ? value(i) : null);
    };
    const result = convertItems(rt, root, {
      depth: value(1) as number,
      createProxies: value(2) as boolean,
      pyproxies: (value(3) as unknown[] | undefined) ?? null,
      dictConverter: converter(4),
      defaultConverter: converter(5),
      eagerConverter: converter(6),
    });
    return adopt(rt, result, out);
  },
  [Op.CONVERT_TO_JS]: (rt, obj, a, _ra, _b, _rb, out) =>
    adopt(rt, (obj as ToJsOffer).part(child(rt, a)), out),
  [Op.CACHE_TO_JS]: (rt, obj, a, _ra, b, rb, out) => {
    const key = child(rt, a);
    const fresh = rt.heap.u8[b] === Tag.PYOBJ;
    (obj as ToJsOffer).announce(key, argument(rt, b, rb), fresh);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.CONVERT_TO_PY]: (rt, obj, _a, ra, _b, _rb, out) =>
    answerPart(rt, (obj as ToPyOffer).part(ra), out, false),
  [Op.CACHE_TO_PY]: (rt, obj, _a, ra, b, _rb, out) => {
    (obj as ToPyOffer).announce(ra, child(rt, b));
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.MAKE_ERROR]: (rt, _obj, a, _ra, _b, _rb, out) => {
    const text = (i: number): string => argument(rt, a + i * SLOT_SIZE, null) as string;
    return answer(rt, makeError(rt, text(0), text(1), text(2)), out);
  },
  [Op.THROW]: (rt, obj, _a, ra, _b, _rb, out) =>
    answerStep(rt, obj, (obj as { throw: Method }).throw(ra), out),
  [Op.RETURN]: (rt, obj, a, ra, _b, _rb, out) =>
    borrowing(rt, a, ra, (value) =>
      answerStep(rt, obj, (obj as { return: Method }).return(value), out),
    ),
  [Op.ITERATE_ASYNC]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answer(rt, (obj as { [Symbol.asyncIterator]: Method })[Symbol.asyncIterator](), out),
  [Op.RAISE]: (rt, _obj, a, ra) => {
    throw argument(rt, a, ra);
  },
  [Op.DISPOSE]: (rt, obj, _a, _ra, _b, _rb, out) => {
    (obj as Disposable)[Symbol.dispose]();
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.DISPOSE_ASYNC]: (rt, obj, _a, _ra, _b, _rb, out) => {
    const done = Promise.resolve((obj as AsyncDisposable)[Symbol.asyncDispose]());
    return answer(
      rt,
      done.then(() => undefined),
      out,
    );
  },
  [Op.STACK_FRAMES]: (rt, obj, _a, _ra, _b, _rb, out) => answerList(rt, takeFrames(obj), out),
  [Op.UNWRAP]: (rt, obj, _a, _ra, _b, _rb, out) => {
    const address = Math.abs(rt.unwrapProxy(obj as object)!);
    setTag(rt, out, Tag.PYOBJ);
    rt.heap.u32[(out >>> 2) + 2] = address;
    return null;
  },
};

/** The Python object of a PYOBJ slot, with the reference that the slot owns. */
function child(rt: Runtime, slot: SlotPtr): Child {
  rt.heap.check();
  const w = slot >>> 2;
  return new Child(rt.heap.u32[w + 2]!, rt.heap.i32[w + 1]!);
}

/** A value of a frame whose objects C has pushed. */
function frameValue(rt: Runtime, slot: SlotPtr): unknown {
  rt.heap.check();
  const place = rt.heap.i32[(slot >>> 2) + 2]!;
  const ref = rt.heap.u8[slot] === Tag.REF ? rt.refs[place - 4] : null;
  return argument(rt, slot, ref);
}

/** A converter that Python has passed: an object beside the slot, or a Python callable on loan. */
function readConverter(rt: Runtime, slot: SlotPtr, ref: unknown): Converter | undefined {
  rt.heap.check();
  const tag = rt.heap.u8[slot];
  if (tag === Tag.PYOBJ) return new PythonConverter(child(rt, slot).ptr);
  return tag === Tag.REF ? asConverter(rt, ref as object) : undefined;
}

/** Answer with a value that Python gets as itself: a JsProxy, also of a PyProxy, or immutable. */
function adopt(rt: Runtime, value: unknown, out: SlotPtr): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return answer(rt, value, out);
  }
  const proxy = rt.unwrapProxy(value) !== undefined;
  const flags = jsFlags(value) | (proxy ? JsFlag.IS_DOUBLE_PROXY : 0);
  setTag(rt, out, Tag.REF);
  rt.heap.i32[(out >>> 2) + 1] = flags;
  return value;
}

/** Answer with a result of the conversion to Python; `owned` when its reference goes along. */
function answerPart(rt: Runtime, value: unknown, out: SlotPtr, owned: boolean): unknown {
  if (!(value instanceof Child)) return answerKeep(rt, value, out);
  setTag(rt, out, Tag.PYOBJ | (owned ? StrKind.OWNED << 8 : 0));
  rt.heap.u32[(out >>> 2) + 2] = value.ptr;
  return null;
}

/** Send a value to a generator, which keeps it until it has finished. */
function sendTo(rt: Runtime, generator: object, a: SlotPtr, ra: unknown, out: SlotPtr): unknown {
  const scope: CallScope = [];
  let done = true;
  try {
    rt.heap.check();
    const value = decodeArgument(rt, a, scope, ra, null, null, null);
    const ref = answerStep(rt, generator, (generator as { next: Method }).next(value), out);
    done = rt.heap.i32[(out >>> 2) + 4] === Tag.DONE;
    return ref;
  } finally {
    if (scope.length > 0) {
      if (done) rt.destroyCallProxies(scope);
      else lend(rt, generator, scope);
    }
  }
}

/** Write an iterator's step: the value, or DONE with it. */
function answerStep(rt: Runtime, iterator: unknown, step: unknown, out: SlotPtr): unknown {
  if (typeof step !== "object" || step === null) throw typeError(notAStep(step));
  const { done } = step as { done?: unknown };
  if (done === undefined) {
    if (typeof (step as { then?: unknown }).then === "function") {
      throw typeError("Result was a promise, use anext() / asend() / athrow() instead.");
    }
    if (!("done" in step)) throw typeError('Result has no "done" field.');
  }
  const { value } = step as { value?: unknown };
  // The slot after a step's says whether the iterator has ended.
  const end = done ? Tag.DONE : Tag.UNDEFINED;
  const { heap } = rt;
  if (typeof value === "number" && (value | 0) === value) {
    heap.check();
    const { i32 } = heap;
    const w = out >>> 2;
    i32[w] = Tag.INT;
    i32[w + 2] = value;
    i32[w + 4] = end;
    return null;
  }
  const ref = answer(rt, value, out);
  useUpStep(rt, iterator, value, out);
  heap.i32[(out >>> 2) + 4] = end;
  return ref;
}

/** One step of an iterator, which is asked for nothing but its next value. */
export const nextStep = (rt: Runtime, iterator: unknown, out: SlotPtr): unknown =>
  answerStep(rt, iterator, (iterator as { next: Method }).next(), out);

/** The JavaScript error that JsException(name, message, stack) makes. */
function makeError(rt: Runtime, name: string, message: string, stack: string): Error {
  const known = (rt.options.jsglobals as Dict)[name];
  const isClass = typeof known === "function" && known.prototype instanceof Error;
  const error = isClass ? construct(known, name, message) : new Error(message);
  if (error.name !== name) define(error, "name", name);
  if (stack !== "") define(error, "stack", stack);
  return error;
}

function construct(known: unknown, name: string, message: string): Error {
  // AggregateError takes the errors first.
  const args = name === "AggregateError" ? [[], message] : [message];
  return Reflect.construct(known as new () => Error, args) as Error;
}

/** Operations by number. */
export const operations: readonly Operation[] = OP_NAMES.map(
  (name, op) =>
    rows[op as Op] ??
    (() => {
      throw new Error(`bridge: operation ${name} has no body`);
    }),
);
