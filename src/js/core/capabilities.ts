/**
 * What a JavaScript object can do, as JSF bits: which JsProxy type Python gives it.
 *
 * Detection never throws, whatever the object is, and runs as little of its code as possible:
 * the `in` operator first, and for methods the descriptor, not the value. What throws when it is
 * looked at is not there; the rest of the object is looked at all the same.
 */
import { JsFlag } from "./abi.gen";

type Key = string | symbol;

/** True when the property exists and is a function; a getter is run only where one is. */
export function hasMethod(obj: object, key: Key): boolean {
  try {
    if (!(key in obj)) return false;
    let at: object | null = obj;
    for (; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      const descriptor = Object.getOwnPropertyDescriptor(at, key);
      if (descriptor !== undefined) {
        if (typeof descriptor.value === "function") return true;
        break;
      }
    }
    // No method, a getter, or a Proxy, whose descriptors need not be what it answers with.
    return typeof (obj as Record<Key, unknown>)[key] === "function";
  } catch {
    return false;
  }
}

/** True when the property is there; a Proxy's claim that it is must hold for the descriptor. */
function hasProperty(obj: object, key: Key): boolean {
  try {
    if (!(key in obj)) return false;
    let at: object | null = obj;
    for (; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      if (Object.hasOwn(at, key)) return true;
    }
    return false;
  } catch {
    return false;
  }
}

/** The text in Object.prototype.toString's brackets when the object names it itself, else "". */
function tagOf(obj: object): string {
  try {
    if (!(Symbol.toStringTag in obj)) return "";
    return Object.prototype.toString.call(obj).slice(8, -1);
  } catch {
    return "";
  }
}

/** Lists of the DOM: a length, items under indices, and no Array. */
const NODE_LISTS: ReadonlySet<string> = new Set([
  "NodeList",
  "RadioNodeList",
  "HTMLCollection",
  "HTMLOptionsCollection",
  "HTMLFormControlsCollection",
  "HTMLAllCollection",
  "CSSRuleList",
  "DOMRectList",
  "DOMStringList",
  "DOMTokenList",
  "FileList",
  "MediaList",
  "NamedNodeMap",
  "StyleSheetList",
  "TouchList",
]);

/** True for NodeList, HTMLCollection and their like. */
export function isNodeList(obj: object): boolean {
  return NODE_LISTS.has(tagOf(obj));
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
  }
  return flags;
}

function tagFlags(tag: string): number {
  if (tag === "Generator") return JsFlag.IS_GENERATOR;
  if (tag === "AsyncGenerator") return JsFlag.IS_ASYNC_GENERATOR;
  return NODE_LISTS.has(tag) ? JsFlag.IS_NODE_LIST : 0;
}

function collectionFlags(obj: object, callable: boolean): number {
  let flags = 0;
  if (hasMethod(obj, "get")) flags |= JsFlag.HAS_GET;
  if (hasMethod(obj, "set")) flags |= JsFlag.HAS_SET;
  if (hasMethod(obj, "has")) flags |= JsFlag.HAS_HAS;
  if (hasMethod(obj, "includes")) flags |= JsFlag.HAS_INCLUDES;
  if ((!callable && hasProperty(obj, "length")) || hasProperty(obj, "size")) {
    flags |= JsFlag.HAS_LENGTH;
  }
  if (Array.isArray(obj)) return flags | JsFlag.IS_ARRAY;
  if (callable) return flags;
  const tag = tagOf(obj);
  if (ArrayBuffer.isView(obj)) {
    return flags | JsFlag.IS_BUFFER | (tag === "DataView" ? 0 : JsFlag.IS_TYPEDARRAY);
  }
  if ((tag === "ArrayBuffer" || tag === "SharedArrayBuffer") && "byteLength" in obj) {
    return flags | JsFlag.IS_BUFFER;
  }
  return flags | tagFlags(tag);
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
  if (!hasProperty(obj, "message") || !hasProperty(obj, "name")) return false;
  if (hasProperty(obj, "stack")) return true;
  try {
    return obj.constructor?.name === "DOMException";
  } catch {
    return false;
  }
}

function probe(obj: object): number {
  const callable = typeof obj === "function";
  let flags = iterationFlags(obj) | collectionFlags(obj, callable) | disposalFlags(obj);
  if (hasMethod(obj, "then")) flags |= JsFlag.IS_AWAITABLE;
  if (callable) return flags | JsFlag.IS_CALLABLE;
  if ((flags & JsFlag.IS_BUFFER) === 0 && isErrorLike(obj)) flags |= JsFlag.IS_ERROR;
  return flags;
}

/** Comlink's key under which its proxies, and nothing else, have something. */
let comlinkEndpoint: symbol | undefined;

/** Tell Comlink's proxies from functions: they claim to have every property. */
export function setComlinkEndpoint(key: symbol): void {
  comlinkEndpoint = key;
}

/** What any proxy of Comlink may turn out to be. */
const COMLINK = JsFlag.IS_CALLABLE | JsFlag.IS_AWAITABLE | JsFlag.IS_ARRAY;

function isComlink(value: unknown, key: symbol): boolean {
  try {
    return Boolean((value as Record<symbol, unknown>)[key]);
  } catch {
    return false;
  }
}

/** Objects, and what else can have properties: document.all calls itself undefined. */
function isObject(value: unknown): value is object {
  switch (typeof value) {
    case "object":
      return value !== null;
    case "function":
      return true;
    case "undefined":
      return value !== undefined;
    default:
      return false;
  }
}

/** The flags of anything that travels as an externref; 0 for symbols and revoked Proxies. */
export function jsFlags(value: unknown): number {
  if (!isObject(value)) return 0;
  if (comlinkEndpoint !== undefined && isComlink(value, comlinkEndpoint)) return COMLINK;
  try {
    return probe(value);
  } catch {
    // A revoked Proxy. What can be told without asking the object remains.
    return typeof value === "function" ? JsFlag.IS_CALLABLE : 0;
  }
}
