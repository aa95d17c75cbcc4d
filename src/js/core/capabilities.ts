/**
 * What a JavaScript object can do, as JSF bits: which JsProxy type Python gives it.
 *
 * Detection never throws, whatever the object is, and runs as little of its code as possible:
 * names first, and for methods the descriptor, not the value. What throws when it is
 * looked at is not there; the rest of the object is looked at all the same.
 */
import { JsFlag } from "./abi.gen";

type Key = string | symbol;

/** Older engines lack these two; nothing has a property under the symbols that then stand for them. */
const DISPOSE = Symbol.dispose ?? Symbol("no Symbol.dispose");
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol("no Symbol.asyncDispose");

/** Properties by which capabilities are told. */
const enum Name {
  ITERATOR = 1 << 0,
  ASYNC_ITERATOR = 1 << 1,
  NEXT = 1 << 2,
  GET = 1 << 3,
  SET = 1 << 4,
  HAS = 1 << 5,
  INCLUDES = 1 << 6,
  LENGTH = 1 << 7,
  SIZE = 1 << 8,
  TAG = 1 << 9,
  DISPOSE = 1 << 10,
  ASYNC_DISPOSE = 1 << 11,
  THEN = 1 << 12,
  MESSAGE = 1 << 13,
}

function nameBit(name: string): number {
  switch (name) {
    case "next":
      return Name.NEXT;
    case "get":
      return Name.GET;
    case "set":
      return Name.SET;
    case "has":
      return Name.HAS;
    case "includes":
      return Name.INCLUDES;
    case "length":
      return Name.LENGTH;
    case "size":
      return Name.SIZE;
    case "then":
      return Name.THEN;
    case "message":
      return Name.MESSAGE;
    default:
      return 0;
  }
}

/** Objects with more names are not looked through. */
const FEW = 16;

/** An object without a class and without names: it has what every other one inherits. */
const BARE = {};

/**
 * True when a program has added one of the properties to Object.prototype. Of one object, which never changes, engines know
 * the answers: they cost nothing until somebody changes Object.prototype.
 */
function isInherited(): boolean {
  return (
    Symbol.iterator in BARE ||
    Symbol.asyncIterator in BARE ||
    "next" in BARE ||
    "get" in BARE ||
    "set" in BARE ||
    "has" in BARE ||
    "includes" in BARE ||
    "length" in BARE ||
    "size" in BARE ||
    Symbol.toStringTag in BARE ||
    DISPOSE in BARE ||
    ASYNC_DISPOSE in BARE ||
    "then" in BARE ||
    "message" in BARE
  );
}

/**
 * Which of the properties an object without a class has, which is what most data are: looking through the names that it has
 * takes a tenth of the time of asking for each name that it has not.
 */
function presentInPlain(obj: object, names: readonly string[]): number {
  let found = 0;
  for (let i = 0; i < names.length; i++) found |= nameBit(names[i]!);
  if (Object.hasOwn(obj, Symbol.iterator)) found |= Name.ITERATOR;
  if (Object.hasOwn(obj, Symbol.asyncIterator)) found |= Name.ASYNC_ITERATOR;
  if (Object.hasOwn(obj, Symbol.toStringTag)) found |= Name.TAG;
  if (Object.hasOwn(obj, DISPOSE)) found |= Name.DISPOSE;
  if (Object.hasOwn(obj, ASYNC_DISPOSE)) found |= Name.ASYNC_DISPOSE;
  return found;
}

/** Which of the properties any object has. Apart from presentOf, into which V8 then inlines what is usual. */
function presentInAny(obj: object): number {
  let found = 0;
  if (Symbol.iterator in obj) found |= Name.ITERATOR;
  if (Symbol.asyncIterator in obj) found |= Name.ASYNC_ITERATOR;
  if ("next" in obj) found |= Name.NEXT;
  if ("get" in obj) found |= Name.GET;
  if ("set" in obj) found |= Name.SET;
  if ("has" in obj) found |= Name.HAS;
  if ("includes" in obj) found |= Name.INCLUDES;
  if ("length" in obj) found |= Name.LENGTH;
  if ("size" in obj) found |= Name.SIZE;
  if (Symbol.toStringTag in obj) found |= Name.TAG;
  if (DISPOSE in obj) found |= Name.DISPOSE;
  if (ASYNC_DISPOSE in obj) found |= Name.ASYNC_DISPOSE;
  if ("then" in obj) found |= Name.THEN;
  if ("message" in obj) found |= Name.MESSAGE;
  return found;
}

/** Which of the properties are there, as bits. */
function presentOf(obj: object): number {
  if (Object.getPrototypeOf(obj) === Object.prototype && !isInherited()) {
    const names = Object.getOwnPropertyNames(obj);
    if (names.length <= FEW) return presentInPlain(obj, names);
  }
  return presentInAny(obj);
}

const ALL = -1;

/** As presentOf; of an object that throws when it is asked, all may be there. */
function present(obj: object): number {
  try {
    return presentOf(obj);
  } catch {
    return ALL;
  }
}

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

function iterationFlags(obj: object, found: number): number {
  let flags = 0;
  const iterable = (found & Name.ITERATOR) !== 0 && hasMethod(obj, Symbol.iterator);
  const asyncIterable = (found & Name.ASYNC_ITERATOR) !== 0 && hasMethod(obj, Symbol.asyncIterator);
  if (iterable) flags |= JsFlag.IS_ITERABLE;
  if (asyncIterable) flags |= JsFlag.IS_ASYNC_ITERABLE;
  if ((found & Name.NEXT) !== 0 && hasMethod(obj, "next")) {
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

function collectionFlags(obj: object, found: number, callable: boolean): number {
  let flags = 0;
  if ((found & Name.GET) !== 0 && hasMethod(obj, "get")) flags |= JsFlag.HAS_GET;
  if ((found & Name.SET) !== 0 && hasMethod(obj, "set")) flags |= JsFlag.HAS_SET;
  if ((found & Name.HAS) !== 0 && hasMethod(obj, "has")) flags |= JsFlag.HAS_HAS;
  if ((found & Name.INCLUDES) !== 0 && hasMethod(obj, "includes")) flags |= JsFlag.HAS_INCLUDES;
  if (
    ((found & Name.LENGTH) !== 0 && !callable && hasProperty(obj, "length")) ||
    ((found & Name.SIZE) !== 0 && hasProperty(obj, "size"))
  ) {
    flags |= JsFlag.HAS_LENGTH;
  }
  if (Array.isArray(obj)) return flags | JsFlag.IS_ARRAY;
  if (callable) return flags;
  const tag = (found & Name.TAG) === 0 ? "" : tagOf(obj);
  if (ArrayBuffer.isView(obj)) {
    return flags | JsFlag.IS_BUFFER | (tag === "DataView" ? 0 : JsFlag.IS_TYPEDARRAY);
  }
  if (tag === "") return flags;
  if ((tag === "ArrayBuffer" || tag === "SharedArrayBuffer") && "byteLength" in obj) {
    return flags | JsFlag.IS_BUFFER;
  }
  return flags | tagFlags(tag);
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
  const found = present(obj);
  let flags = iterationFlags(obj, found) | collectionFlags(obj, found, callable);
  if ((found & Name.DISPOSE) !== 0 && hasMethod(obj, DISPOSE)) flags |= JsFlag.IS_DISPOSABLE;
  if ((found & Name.ASYNC_DISPOSE) !== 0 && hasMethod(obj, ASYNC_DISPOSE)) {
    flags |= JsFlag.IS_ASYNC_DISPOSABLE;
  }
  if ((found & Name.THEN) !== 0 && hasMethod(obj, "then")) flags |= JsFlag.IS_AWAITABLE;
  if (callable) return flags | JsFlag.IS_CALLABLE;
  if ((found & Name.MESSAGE) === 0 || (flags & JsFlag.IS_BUFFER) !== 0) return flags;
  return isErrorLike(obj) ? flags | JsFlag.IS_ERROR : flags;
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
