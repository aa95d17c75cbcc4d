/**
 * Values on the pipe between the pytest process and the Node process under test: JSON with tags for what JSON
 * cannot say. `undefined` is JSON's null; every other special value is an object with the single key "$t".
 * The Python twin is codec.py; the Python code inside the runtime has its own half in runtime_side.py.
 */

const MAX_TEXT = 200;

/** Turns a JavaScript value into a JSON-able one. Objects that are not plain data become an "opaque" description. */
export function encode(value, isPyProxy, ancestors = []) {
  switch (typeof value) {
    case "undefined":
      return null;
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value) && !Object.is(value, -0)) {
        return value;
      }
      return { $t: "num", v: Object.is(value, -0) ? "-0" : String(value) };
    case "bigint":
      return { $t: "bigint", v: String(value) };
    case "object":
      return value === null ? { $t: "null" } : encodeObject(value, isPyProxy, ancestors);
    default:
      return opaque(value, isPyProxy);
  }
}

function encodeObject(value, isPyProxy, ancestors) {
  if (isPyProxy(value)) {
    return opaque(value, isPyProxy);
  }
  if (ancestors.includes(value)) {
    return { $t: "cycle", v: ancestors.length - ancestors.indexOf(value) };
  }
  const inner = [...ancestors, value];
  const recurse = (item) => encode(item, isPyProxy, inner);
  if (Array.isArray(value)) {
    return {
      $t: "list",
      v: Array.from(value, (item, i) => (i in value ? recurse(item) : { $t: "hole" })),
    };
  }
  if (value instanceof Map) {
    return { $t: "Map", v: Array.from(value, (pair) => pair.map(recurse)) };
  }
  if (value instanceof Set) {
    return { $t: "Set", v: Array.from(value, recurse) };
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return { $t: "dict", v: Object.entries(value).map(([key, item]) => [key, recurse(item)]) };
  }
  return opaque(value, isPyProxy);
}

function opaque(value, isPyProxy) {
  const proxy = isPyProxy(value);
  let text;
  try {
    text = String(value).slice(0, MAX_TEXT);
  } catch (error) {
    text = `<${error.name} in toString>`;
  }
  return {
    $t: "opaque",
    kind: proxy ? "PyProxy" : (value.constructor?.name ?? typeof value),
    type: proxy ? value.type : typeof value,
    text,
  };
}

/** The inverse, for arguments that a test hands to JavaScript code. */
export function decode(data) {
  if (data === null) {
    return undefined;
  }
  if (typeof data !== "object") {
    return data;
  }
  if (Array.isArray(data)) {
    return decodeList(data);
  }
  switch (data.$t) {
    case "null":
      return null;
    case "num":
      return Number(data.v);
    case "bigint":
      return BigInt(data.v);
    case "cps":
      return data.v.map((point) => String.fromCodePoint(point)).join("");
    case "list":
    case "tuple":
      return decodeList(data.v);
    case "dict":
      return Object.fromEntries(data.v.map(([key, item]) => [key, decode(item)]));
    default:
      throw new TypeError(`the test harness cannot send a value of kind ${data.$t} to JavaScript`);
  }
}

function decodeList(items) {
  const list = new Array(items.length);
  items.forEach((item, i) => {
    if (item?.$t !== "hole") {
      list[i] = decode(item);
    }
  });
  return list;
}
