/** What `import type ... from "pyodide/ffi"` must accept and refuse. Compiled, never run. */

import type {
  PyAsyncGenerator,
  PyAsyncIterable,
  PyAsyncIterator,
  PyAwaitable,
  PyBuffer,
  PyBufferView,
  PyCallable,
  PyDict,
  PyGenerator,
  PyIterable,
  PyIterator,
  PyMutableSequence,
  PyProxy,
  PyProxyWithGet,
  PyProxyWithHas,
  PyProxyWithLength,
  PyProxyWithSet,
  PySequence,
  PythonError,
  TypedArray,
} from "pyodide/ffi";
import { same } from "./check";

export function everyProxy(proxy: PyProxy): void {
  same<typeof proxy.type, string>(true);
  same<ReturnType<typeof proxy.toString>, string>(true);
  same<typeof proxy.anyAttribute, any>(true);
  const copy: PyProxy = proxy.copy();
  copy.destroy();
  copy.destroy({ message: "used up", destroyRoundtrip: false });
  using disposed = proxy.copy();
  disposed.getProxy("items");
  proxy.$destroy();
  // @ts-expect-error - an option that does not exist
  proxy.destroy({ roundtrip: false });
  // @ts-expect-error - `type` belongs to the proxy
  proxy.type = "list";
}

export function conversion(proxy: PyProxy, callable: PyCallable): void {
  const pyproxies: PyProxy[] = [];
  proxy.toJs();
  proxy.toJs({ depth: 1, pyproxies, create_pyproxies: false });
  proxy.toJs({ dict_converter: Object.fromEntries });
  proxy.toJs({ dict_converter: (entries) => new Map(entries) });
  proxy.toJs({
    dict_converter: (pairs: Iterable<[key: string, value: any]>) => [...pairs],
  });
  proxy.toJs({
    default_converter(value, convert, cacheConversion) {
      same<typeof value, PyProxy>(true);
      const made = { part: convert(value["part"]) };
      cacheConversion(value, made);
      return made;
    },
    eager_converter: (value, convert) => (value.type === "tuple" ? undefined : convert(value)),
  });
  proxy.toJs({ default_converter: callable, eager_converter: null });
  // @ts-expect-error - depth is a number
  proxy.toJs({ depth: "all" });
  // @ts-expect-error - proxies are collected in an Array
  proxy.toJs({ pyproxies: new Set() });
  // @ts-expect-error - the options of toJs are those of Python
  proxy.toJs({ dictConverter: Object.fromEntries });
}

export function items(
  sized: PyProxyWithLength,
  readable: PyProxyWithGet,
  writable: PyProxyWithSet,
  container: PyProxyWithHas,
  dict: PyDict,
): void {
  same<typeof sized.length, number>(true);
  same<ReturnType<typeof readable.get>, any>(true);
  same<ReturnType<typeof writable.set>, void>(true);
  same<ReturnType<typeof writable.delete>, void>(true);
  same<ReturnType<typeof container.has>, boolean>(true);
  readable.asJsJson().a[0].b;
  const all: PyProxyWithLength & PyProxyWithGet & PyProxyWithSet & PyProxyWithHas & PyIterable =
    dict;
  for (const key of all) dict.delete(key);
  dict.set("key", 1);
  // @ts-expect-error - the length follows from the items
  sized.length = 1;
  // @ts-expect-error - no value
  dict.set("key");
}

export async function iteration(
  iterable: PyIterable,
  iterator: PyIterator,
  generator: PyGenerator,
  asyncIterable: PyAsyncIterable,
  asyncIterator: PyAsyncIterator,
  asyncGenerator: PyAsyncGenerator,
): Promise<void> {
  for (const one of iterable) one.use();
  const pairs: [string, number][] = [...iterable];
  new Map(pairs);
  same<ReturnType<typeof iterator.next>, IteratorResult<any, any>>(true);
  iterator.next();
  generator.next(3);
  same<ReturnType<typeof generator.throw>, IteratorResult<any, any>>(true);
  same<ReturnType<typeof generator.return>, IteratorResult<any, any>>(true);
  const chain: PyIterable = generator;
  for (const one of chain) one.use();
  for await (const one of asyncIterable) one.use();
  for await (const one of asyncIterator) one.use();
  same<ReturnType<typeof asyncIterator.next>, Promise<IteratorResult<any, any>>>(true);
  same<ReturnType<typeof asyncGenerator.throw>, Promise<IteratorResult<any, any>>>(true);
  same<ReturnType<typeof asyncGenerator.return>, Promise<IteratorResult<any, any>>>(true);
  const narrow: PyAsyncIterator = asyncGenerator;
  narrow.next();
  // @ts-expect-error - it iterates asynchronously only
  for (const one of asyncGenerator) one.use();
  // @ts-expect-error - a generator needs something to throw
  generator.throw();
}

export async function awaitables(awaitable: PyAwaitable): Promise<void> {
  const promise: Promise<any> = awaitable;
  await promise;
  const chained = awaitable.then((value) => String(value));
  same<typeof chained, Promise<string>>(true);
  const either = awaitable.then(
    () => 1,
    async () => "failed",
  );
  same<typeof either, Promise<number | string>>(true);
  awaitable.catch((error) => error.type);
  awaitable.finally(() => {});
  // @ts-expect-error - handlers are functions
  awaitable.then("done");
}

export function calls(callable: PyCallable): void {
  callable(1, "two", {});
  callable.call(undefined, 1);
  callable.apply(undefined, [1, 2]);
  callable.apply(undefined, { length: 2 });
  callable.apply(null, null);
  callable.callKwargs({ key: 1 });
  callable.callKwargs(1, 2, { key: 3 });
  callable.callRelaxed();
  callable.callKwargsRelaxed(1, { key: 3 });
  callable.callWithOptions({}, 1, 2);
  const promised: Promise<number> = callable.callPromising(1);
  void callable.callPromisingKwargs(1, { key: 2 }).then(() => promised);
  void callable.callWithOptions({ promising: true, relaxed: true }, 1).finally(() => undefined);
  callable.callWithOptions({ relaxed: true }, 1, 2);
  callable.callWithOptions({ relaxed: true, kwargs: true }, 1, { key: 2 });
  const bound: PyCallable = callable.bind({}, 1).captureThis().bind(null, 2);
  bound();
  setTimeout(callable, 100);
  [1, 2].map(callable);
  // @ts-expect-error - the keyword arguments are missing
  callable.callKwargs();
  // @ts-expect-error - the last argument holds no keyword arguments
  callable.callKwargs(1, 2);
  // @ts-expect-error - the keyword arguments are missing
  callable.callKwargsRelaxed();
  // @ts-expect-error - the keyword arguments are missing
  callable.callWithOptions({ kwargs: true });
  // @ts-expect-error - an option that does not exist
  callable.callWithOptions({ lenient: true }, 1);
  // @ts-expect-error - arguments come in an array-like object
  callable.apply(undefined, 5);
}

export function buffers(buffer: PyBuffer, type: "i8" | "f64", wide?: "u32"): void {
  same<ReturnType<typeof view>["data"], TypedArray>(true);
  function view(): PyBufferView {
    return buffer.getBuffer();
  }
  same<Data<"i8">, Int8Array<ArrayBuffer>>(true);
  same<Data<"u8">, Uint8Array<ArrayBuffer>>(true);
  same<Data<"u8clamped">, Uint8ClampedArray<ArrayBuffer>>(true);
  same<Data<"i16">, Int16Array<ArrayBuffer>>(true);
  same<Data<"u16">, Uint16Array<ArrayBuffer>>(true);
  same<Data<"i32">, Int32Array<ArrayBuffer>>(true);
  same<Data<"u32">, Uint32Array<ArrayBuffer>>(true);
  same<Data<"i64">, BigInt64Array<ArrayBuffer>>(true);
  same<Data<"u64">, BigUint64Array<ArrayBuffer>>(true);
  same<Data<"f32">, Float32Array<ArrayBuffer>>(true);
  same<Data<"f64">, Float64Array<ArrayBuffer>>(true);
  same<Data<"dataview">, DataView<ArrayBuffer>>(true);
  const chosen = buffer.getBuffer(type);
  same<typeof chosen.data, Int8Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(true);
  const perhaps: TypedArray = buffer.getBuffer(wide).data;
  perhaps.fill;
  using pixels = buffer.getBuffer("u8");
  const element: number = pixels.data[pixels.offset + 2 * pixels.strides[0]!]!;
  element.toFixed();
  same<typeof pixels.shape, number[]>(true);
  same<typeof pixels.strides, number[]>(true);
  same<
    [
      typeof pixels.ndim,
      typeof pixels.nbytes,
      typeof pixels.itemsize,
      typeof pixels.format,
      typeof pixels.readonly,
      typeof pixels.c_contiguous,
      typeof pixels.f_contiguous,
    ],
    [number, number, number, string, boolean, boolean, boolean]
  >(true);
  const any: PyBufferView<TypedArray | DataView> = pixels;
  any.release();
  // @ts-expect-error - no such element type
  buffer.getBuffer("f128");
  buffer.getBuffer("f16").release();
  // @ts-expect-error - the view decides what its data are
  pixels.data = new Uint8Array(1);
  // @ts-expect-error - a view is no PyProxy
  pixels.destroy();
  // @ts-expect-error - 64-bit integers are BigInts
  const wrong: number = buffer.getBuffer("i64").data[0]!;
  void wrong;
}

declare function viewOf<Type extends Parameters<PyBuffer["getBuffer"]>[0] & string>(
  type: Type,
): Type;
type Data<
  Type extends
    | "i8"
    | "u8"
    | "u8clamped"
    | "i16"
    | "u16"
    | "i32"
    | "u32"
    | "i64"
    | "u64"
    | "f32"
    | "f64"
    | "dataview",
> = import("pyodide/ffi").BufferViews[ReturnType<typeof viewOf<Type>>];

export function sequences(sequence: PySequence, list: PyMutableSequence): void {
  same<ReturnType<typeof sequence.join>, string>(true);
  same<ReturnType<typeof sequence.slice>, any[]>(true);
  same<ReturnType<typeof sequence.concat>, any[]>(true);
  same<ReturnType<typeof sequence.filter>, any[]>(true);
  same<ReturnType<typeof sequence.indexOf>, number>(true);
  same<ReturnType<typeof sequence.lastIndexOf>, number>(true);
  same<ReturnType<typeof sequence.findIndex>, number>(true);
  same<ReturnType<typeof sequence.includes>, boolean>(true);
  same<ReturnType<typeof sequence.some>, boolean>(true);
  same<ReturnType<typeof sequence.every>, boolean>(true);
  same<ReturnType<typeof sequence.toJSON>, any[]>(true);
  const lengths = sequence.map((item, index, self) => {
    same<typeof index, number>(true);
    const whole: PySequence = self;
    return whole.length + item.length + index;
  });
  lengths.length;
  const texts = sequence.map((item) => String(item));
  same<typeof texts, string[]>(true);
  const sum = sequence.reduce((total, item) => total + Number(item), 0);
  same<typeof sum, number>(true);
  const text = sequence.reduceRight((all, item) => `${all}${item}`, "");
  same<typeof text, string>(true);
  sequence.reduce((a, b) => a + b);
  for (const [index, item] of sequence.entries()) item.at(index);
  for (const index of sequence.keys()) index.toFixed();
  for (const item of sequence.values()) item.use();
  sequence.forEach((item) => item.use());
  sequence.find((item) => item > 1);
  sequence[0].use();
  sequence.asJsJson().map((item) => item);
  Array.from(sequence).push(...sequence);
  const all: PySequence & PyProxyWithSet & PyProxyWithLength & PyIterable = list;
  all.set(0, 1);
  const same_list: PyMutableSequence = list
    .reverse()
    .sort()
    .sort((a, b) => a - b);
  same_list.fill(0, 1, 2).copyWithin(0, 1);
  same<ReturnType<typeof list.push>, number>(true);
  same<ReturnType<typeof list.unshift>, number>(true);
  same<ReturnType<typeof list.splice>, any[]>(true);
  list.pop();
  list.shift();
  list[0] = 1;
  delete list[0];
  // @ts-expect-error - a comparison gives a number
  list.sort((a, b) => `${a}${b}`);
  // @ts-expect-error - the callback is missing
  sequence.map();
  // @ts-expect-error - splice needs a place
  list.splice();
}

export function errors(error: PythonError): void {
  const plain: Error = error;
  plain.message;
  same<typeof error.type, string>(true);
  // @ts-expect-error - an error has no attributes of Python
  error.args;
}

// Capabilities that differ are not interchangeable.
declare const someCallable: PyCallable;
declare const someProxy: PyProxy;
// @ts-expect-error - a callable is no awaitable
export const asAwaitable: PyAwaitable = someCallable;
// @ts-expect-error - not every object can be called
export const asCallable: PyCallable = someProxy;
// @ts-expect-error - nor is every object a sequence
export const asSequence: PySequence = someProxy;
