/**
 * What a JavaScript object can do, as JSF bits: which JsProxy type Python gives it.
 *
 * Detection never throws, whatever the object is, and runs as little of its code as possible:
 * the `in` operator first, and for methods the descriptor, not the value.
 */
import { JsFlag } from "./abi.gen";

type Key = string | symbol;

/** True when the property exists and is a function; a getter is not run but on Proxies. */
function hasMethod(obj: object, key: Key): boolean {
  if (!(key in obj)) return false;
  for (let at: object | null = obj; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) {
      if ("value" in descriptor) return typeof descriptor.value === "function";
      return typeof (obj as Record<Key, unknown>)[key] === "function";
    }
  }
  // A Proxy may claim a property that no descriptor shows.
  return typeof (obj as Record<Key, unknown>)[key] === "function";
}

function tagOf(obj: object): string {
  return Object.prototype.toString.call(obj);
}

function iterationFlags(obj: object): number {
  let flags = 0;
  const iterable = hasMethod(obj, Symbol.iterator);
  const asyncIterable = hasMethod(obj, Symbol.asyncIterator);
  if (iterable) flags |= JsFlag.IS_ITERABLE;
  if (asyncIterable) flags |= JsFlag.IS_ASYNC_ITERABLE;
  if (hasMethod(obj, "next")) {
    if (iterable || !asyncIterable) flags |= JsFlag.IS_ITERATOR;
    if (asyncIterable || !iterable) flags |= JsFlag.IS_ASYNC_ITERATOR;
    if (iterable || asyncIterable) {
      const tag = tagOf(obj);
      if (tag === "[object Generator]") flags |= JsFlag.IS_GENERATOR;
      else if (tag === "[object AsyncGenerator]") flags |= JsFlag.IS_ASYNC_GENERATOR;
    }
  }
  return flags;
}

function collectionFlags(obj: object, callable: boolean): number {
  let flags = 0;
  if (hasMethod(obj, "get")) flags |= JsFlag.HAS_GET;
  if (hasMethod(obj, "set")) flags |= JsFlag.HAS_SET;
  if (hasMethod(obj, "has")) flags |= JsFlag.HAS_HAS;
  if (hasMethod(obj, "includes")) flags |= JsFlag.HAS_INCLUDES;
  const length = !callable && "length" in obj;
  if (length || "size" in obj) flags |= JsFlag.HAS_LENGTH;
  if (Array.isArray(obj)) return flags | JsFlag.IS_ARRAY;
  if (callable) return flags;
  if (ArrayBuffer.isView(obj)) {
    flags |= JsFlag.IS_BUFFER;
    if (tagOf(obj) !== "[object DataView]") flags |= JsFlag.IS_TYPEDARRAY;
  } else if ("byteLength" in obj) {
    if (tagOf(obj) === "[object ArrayBuffer]") flags |= JsFlag.IS_BUFFER;
  } else if (length) {
    const tag = tagOf(obj);
    if (tag === "[object NodeList]" || tag === "[object HTMLCollection]") {
      flags |= JsFlag.IS_NODE_LIST;
    }
  }
  return flags;
}

const disposers: readonly (readonly [symbol | undefined, number])[] = [
  [Symbol.dispose, JsFlag.IS_DISPOSABLE],
  [Symbol.asyncDispose, JsFlag.IS_ASYNC_DISPOSABLE],
];

function disposalFlags(obj: object): number {
  let flags = 0;
  for (const [key, flag] of disposers) {
    // Older engines lack the symbols.
    if (key !== undefined && hasMethod(obj, key)) flags |= flag;
  }
  return flags;
}

function isErrorLike(obj: object): boolean {
  if (!("message" in obj && "name" in obj)) return false;
  return "stack" in obj || obj.constructor?.name === "DOMException";
}

function probe(obj: object): number {
  const callable = typeof obj === "function";
  let flags = iterationFlags(obj) | collectionFlags(obj, callable) | disposalFlags(obj);
  if (hasMethod(obj, "then")) flags |= JsFlag.IS_AWAITABLE;
  if (callable) return flags | JsFlag.IS_CALLABLE;
  if ((flags & JsFlag.IS_BUFFER) === 0 && isErrorLike(obj)) flags |= JsFlag.IS_ERROR;
  return flags;
}

/** The flags of anything that travels as an externref; 0 for symbols and revoked Proxies. */
export function jsFlags(value: unknown): number {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return 0;
  try {
    return probe(value);
  } catch {
    // A revoked Proxy or a throwing trap. What can be told without asking the object remains.
    return typeof value === "function" ? JsFlag.IS_CALLABLE : 0;
  }
}
