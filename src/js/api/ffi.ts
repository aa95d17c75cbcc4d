/**
 * Types of `pyodide.ffi`: what a Python object offers when JavaScript holds it. The classes
 * themselves are made by the core; `instanceof` asks what the Python object can do.
 */

/** A typed array. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A converter of {@link PyProxy.toJs}: a function of JavaScript, or a PyProxy of one of Python. */
export type ToJsConverter = (
  /** The object; the proxy is destroyed afterwards unless it is the result. */
  value: PyProxy,
  /** Converts a part by the rules of the conversion; what is no PyProxy is returned as it is. */
  convert: (value: any) => any,
  /** Announces what a Python object becomes, so that cyclic references find it. */
  cacheConversion: (value: PyProxy, result: any) => void,
) => any;

/** Options of {@link PyProxy.toJs}. */
export interface ToJsOptions {
  /** How many levels of containers to convert; -1 means all. */
  depth?: number | undefined;
  /** Receives every PyProxy that the conversion makes, so that they can be destroyed. */
  pyproxies?: PyProxy[] | null | undefined;
  /** When false, an object that would become a PyProxy raises a ConversionError. */
  create_pyproxies?: boolean | undefined;
  /** Makes the result for a dict from an Array of its entries; inner dicts come first. */
  dict_converter?: ((entries: [key: any, value: any][]) => any) | null | undefined;
  /** Called for objects that have no conversion of their own. */
  default_converter?: ToJsConverter | null | undefined;
  /** Called for each object before any conversion is tried. */
  eager_converter?: ToJsConverter | null | undefined;
}

/** Options of {@link PyProxy.destroy}. */
export interface DestroyOptions {
  /** Text of the error that later uses throw. */
  message?: string;
  /** When false, a proxy made with `create_proxy(..., roundtrip=True)` survives. */
  destroyRoundtrip?: boolean;
}

/** A Python object in JavaScript. Its Python attributes are properties. */
export interface PyProxy {
  /** Name of the object's Python type. */
  readonly type: string;
  readonly [Symbol.toStringTag]: string;
  /**
   * Python's `str()` of the object.
   * @throws PythonError if that raises
   */
  toString(): string;
  /** Gives the Python object back before the garbage collector does. May be called again. */
  destroy(options?: DestroyOptions): void;
  /** The same as {@link PyProxy.destroy}, for `using` declarations. */
  [Symbol.dispose](): void;
  /** A second proxy of the same object, to be destroyed on its own. */
  copy(): this;
  /**
   * Copies the object and what it holds to JavaScript: list and tuple to Array, dict to object,
   * set to Set, buffers to typed arrays. What has no conversion becomes a PyProxy.
   * @throws PythonError of the type ConversionError
   */
  toJs(options?: ToJsOptions): any;
  /**
   * Reads an attribute or item without converting its value, so a list stays a live PyProxy.
   * Dicts are asked for an item, sequences for numbers too; all else for an attribute first.
   * @returns undefined when there is neither
   */
  getProxy(name: unknown): any;
  /** Python attributes; names that JavaScript's side uses are reached with a leading `$`. */
  [attribute: string]: any;
}

/** A Python object with `__len__`. */
export interface PyProxyWithLength extends PyProxy {
  /** Python's `len()` of the object. */
  readonly length: number;
}

/** A Python object with `__getitem__`. */
export interface PyProxyWithGet extends PyProxy {
  /**
   * The item, or undefined if Python raises KeyError or IndexError.
   * @throws PythonError if Python raises anything else
   */
  get(key: any): any;
  /**
   * The object as JSON-like data, without copying: its items are properties, and nested
   * containers are such views again. A view lives as long as this proxy.
   */
  asJsJson(): any;
}

/** A Python object with `__setitem__` and `__delitem__`. */
export interface PyProxyWithSet extends PyProxy {
  /**
   * Assigns an item.
   * @throws PythonError if Python raises
   */
  set(key: any, value: any): void;
  /**
   * Deletes an item.
   * @throws PythonError if Python raises, also when there is no such item
   */
  delete(key: any): void;
}

/** A Python object with `__contains__`. */
export interface PyProxyWithHas extends PyProxy {
  /** Python's `key in object`. */
  has(key: any): boolean;
}

/** A Python object with `__iter__`. */
export interface PyIterable extends PyProxy {
  /** Iterates; items that are proxies are destroyed when the iterator is exhausted. */
  [Symbol.iterator](): IterableIterator<any>;
}

/** A Python object with `__next__`. */
export interface PyIterator extends PyProxy {
  /** The iterator itself. */
  [Symbol.iterator](): this;
  /** Python's `next(iterator)`; with a value, `iterator.send(value)`. */
  next(value?: any): IteratorResult<any, any>;
}

/** A Python generator. */
export interface PyGenerator extends PyIterator {
  /**
   * Raises an error where the generator is suspended.
   * @param error - an Error, or a PyProxy of an exception
   */
  throw(error: any): IteratorResult<any, any>;
  /** Ends the generator with GeneratorExit; `value` is the result unless it gives another. */
  return(value?: any): IteratorResult<any, any>;
}

/** A Python object with `__aiter__`. */
export interface PyAsyncIterable extends PyProxy {
  /** Iterates in `for await`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<any>;
}

/** A Python object with `__anext__`. */
export interface PyAsyncIterator extends PyProxy {
  /** The iterator itself. */
  [Symbol.asyncIterator](): this;
  /** Python's `anext(iterator)`; with a value, `iterator.asend(value)`. */
  next(value?: any): Promise<IteratorResult<any, any>>;
}

/** A Python async generator. */
export interface PyAsyncGenerator extends PyAsyncIterator {
  /**
   * Raises an error where the generator is suspended.
   * @param error - an Error, or a PyProxy of an exception
   */
  throw(error: any): Promise<IteratorResult<any, any>>;
  /** Ends the generator with GeneratorExit; `value` is the result unless it gives another. */
  return(value?: any): Promise<IteratorResult<any, any>>;
}

/** A Python dict. */
export interface PyDict
  extends PyProxyWithLength, PyProxyWithGet, PyProxyWithSet, PyProxyWithHas, PyIterable {}

/** A Python object that can be awaited. Waiting for it uses the proxy up. */
export interface PyAwaitable extends PyProxy {
  /** Schedules the awaitable, unless that is done, and does as `Promise.prototype.then`. */
  then<Fulfilled = any, Rejected = never>(
    onFulfilled?: ((value: any) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected>;
  /** Schedules the awaitable, unless that is done, and does as `Promise.prototype.catch`. */
  catch<Rejected = never>(
    onRejected?: ((reason: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<any>;
  /** Schedules the awaitable, unless that is done, and does as `Promise.prototype.finally`. */
  finally(onFinally?: (() => void) | null): Promise<any>;
}

/** Options of {@link PyCallable.callWithOptions}. */
export interface CallOptions {
  /** Surplus arguments are dropped. */
  relaxed?: boolean;
  /** The last argument is an object of keyword arguments. */
  kwargs?: boolean;
  /** The result is a promise, and Python may wait for promises: {@link PyCallable.callPromising}. */
  promising?: boolean;
}

/** Arguments of which the last is an object of keyword arguments. */
export type ArgumentsWithKwargs = [...positional: any[], kwargs: Record<string, any>];

/** A Python object that can be called. */
export interface PyCallable extends PyProxy {
  /** @throws PythonError if Python raises */
  (...args: any[]): any;
  /** Calls as `Function.prototype.call`; `thisArg` matters after {@link PyCallable.captureThis}. */
  call(thisArg: any, ...args: any[]): any;
  /** Calls as `Function.prototype.apply`. */
  apply(thisArg: any, args?: ArrayLike<any> | null): any;
  /** A proxy with the same life whose first arguments, and whose `this`, are given. */
  bind(thisArg: any, ...args: any[]): this;
  /** A proxy with the same life that passes `this` as the first argument. */
  captureThis(): this;
  /**
   * Calls with keyword arguments.
   * @throws TypeError if the last argument is no plain object
   */
  callKwargs(...args: ArgumentsWithKwargs): any;
  /** Calls without the arguments that the Python function has no parameters for. */
  callRelaxed(...args: any[]): any;
  /** {@link PyCallable.callKwargs} and {@link PyCallable.callRelaxed} in one. */
  callKwargsRelaxed(...args: ArgumentsWithKwargs): any;
  /**
   * Calls so that Python may wait for promises with `pyodide.ffi.run_sync` while JavaScript goes
   * on. Python runs up to its first wait before this returns.
   * @returns a promise of the result; whatever goes wrong rejects it, also that the engine cannot
   * switch stacks (JSPI)
   */
  callPromising(...args: any[]): Promise<any>;
  /** {@link PyCallable.callPromising} and {@link PyCallable.callKwargs} in one. */
  callPromisingKwargs(...args: ArgumentsWithKwargs): Promise<any>;
  /** Any combination of the above. */
  callWithOptions(options: CallOptions & { promising: true }, ...args: any[]): Promise<any>;
  callWithOptions(options: CallOptions & { kwargs: true }, ...args: ArgumentsWithKwargs): any;
  callWithOptions(options: CallOptions & { kwargs?: false }, ...args: any[]): any;
}

/** `Float16Array`, which older engines and libraries of types lack. */
type HalfArray = typeof globalThis extends { Float16Array: { prototype: infer Half } }
  ? Half
  : never;

/** The views that {@link PyBuffer.getBuffer} makes, by the names that it takes. */
export interface BufferViews {
  i8: Int8Array<ArrayBuffer>;
  u8: Uint8Array<ArrayBuffer>;
  u8clamped: Uint8ClampedArray<ArrayBuffer>;
  i16: Int16Array<ArrayBuffer>;
  u16: Uint16Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i64: BigInt64Array<ArrayBuffer>;
  u64: BigUint64Array<ArrayBuffer>;
  /** An error where the engine has no `Float16Array`. */
  f16: HalfArray & TypedArray;
  f32: Float32Array<ArrayBuffer>;
  f64: Float64Array<ArrayBuffer>;
  dataview: DataView<ArrayBuffer>;
}

/** A Python object with the buffer protocol, such as bytes or a numpy array. */
export interface PyBuffer extends PyProxy {
  /**
   * The object's memory as a typed array, without copying. Python can't resize the object until
   * the view is released, or collected as garbage.
   * @param type - element type of the view; by default what the buffer's format means
   * @throws Error if the format or alignment does not allow such a view
   * @throws PythonError if Python gives no buffer
   */
  getBuffer(): PyBufferView;
  getBuffer<Type extends keyof BufferViews>(type: Type): PyBufferView<BufferViews[Type]>;
  getBuffer<Type extends keyof BufferViews>(
    type: Type | undefined,
  ): PyBufferView<BufferViews[Type] | TypedArray>;
}

/**
 * A Python buffer's memory, lent to JavaScript until it is released. Element `[i, j]` is
 * `data[offset + i * strides[0] + j * strides[1]]`.
 */
export interface PyBufferView<Data extends TypedArray | DataView = TypedArray> {
  /**
   * All items, from the lowest to the highest address. When Python's memory grows, what was read
   * before is empty; reading it again gives the items.
   */
  readonly data: Data;
  /** Index in `data` of the item `[0, ..., 0]`. */
  readonly offset: number;
  /** Distance between neighbours in each dimension, in elements of `data`. */
  readonly strides: number[];
  /** Length of each dimension. */
  readonly shape: number[];
  /** Number of dimensions. */
  readonly ndim: number;
  /** Number of bytes of `data`, which spans all items. */
  readonly nbytes: number;
  /** Number of bytes of an item. */
  readonly itemsize: number;
  /** Format of an item as in Python's module `struct`. */
  readonly format: string;
  /** Python does not want the memory to be written to. */
  readonly readonly: boolean;
  /** Items lie in the order of C, without gaps. */
  readonly c_contiguous: boolean;
  /** Items lie in the order of Fortran, without gaps. */
  readonly f_contiguous: boolean;
  /** Gives the memory back to Python; `data` is empty afterwards. May be called again. */
  release(): void;
  /** The same as {@link PyBufferView.release}, for `using` declarations. */
  [Symbol.dispose](): void;
}

/** A Python sequence, with the Array methods that do not change it. */
export interface PySequence extends PyProxyWithLength, PyProxyWithGet, PyProxyWithHas, PyIterable {
  readonly [Symbol.isConcatSpreadable]: boolean;
  /** The sequence as data whose items are views too. */
  asJsJson(): PySequence;
  join(separator?: string): string;
  slice(start?: number, end?: number): any[];
  at(index: number): any;
  concat(...others: any[]): any[];
  /** Python's `item in sequence`. */
  includes(item: any): boolean;
  indexOf(item: any, fromIndex?: number): number;
  lastIndexOf(item: any, fromIndex?: number): number;
  find(predicate: (item: any, index: number, sequence: this) => unknown, thisArg?: any): any;
  findIndex(
    predicate: (item: any, index: number, sequence: this) => unknown,
    thisArg?: any,
  ): number;
  forEach(callback: (item: any, index: number, sequence: this) => void, thisArg?: any): void;
  map<Result>(
    callback: (item: any, index: number, sequence: this) => Result,
    thisArg?: any,
  ): Result[];
  filter(predicate: (item: any, index: number, sequence: this) => unknown, thisArg?: any): any[];
  some(predicate: (item: any, index: number, sequence: this) => unknown, thisArg?: any): boolean;
  every(predicate: (item: any, index: number, sequence: this) => unknown, thisArg?: any): boolean;
  reduce(callback: (result: any, item: any, index: number, sequence: this) => any): any;
  reduce<Result>(
    callback: (result: Result, item: any, index: number, sequence: this) => Result,
    initial: Result,
  ): Result;
  reduceRight(callback: (result: any, item: any, index: number, sequence: this) => any): any;
  reduceRight<Result>(
    callback: (result: Result, item: any, index: number, sequence: this) => Result,
    initial: Result,
  ): Result;
  entries(): IterableIterator<[index: number, item: any]>;
  keys(): IterableIterator<number>;
  values(): IterableIterator<any>;
  /** The items as an Array, for `JSON.stringify`. */
  toJSON(): any[];
}

/** A Python sequence that can be changed, with all Array methods. */
export interface PyMutableSequence extends PySequence, PyProxyWithSet {
  /** Reverses in place; returns this proxy. */
  reverse(): this;
  /** Sorts in place by JavaScript's order; returns this proxy. */
  sort(compare?: (left: any, right: any) => number): this;
  /** Removes and inserts; returns what it has removed. */
  splice(start: number, deleteCount?: number, ...items: any[]): any[];
  /** Adds at the end; returns the new length. */
  push(...items: any[]): number;
  /** Removes the last item and returns it; undefined when there is none. */
  pop(): any;
  /** Removes the first item and returns it; undefined when there is none. */
  shift(): any;
  /** Adds at the beginning; returns the new length. */
  unshift(...items: any[]): number;
  /** Copies items within the sequence; returns this proxy. */
  copyWithin(target: number, start: number, end?: number): this;
  /** Assigns `value` to all items of a range; returns this proxy. */
  fill(value: any, start?: number, end?: number): this;
}

/** A Python exception that reached JavaScript; `message` is the formatted traceback. */
export interface PythonError extends Error {
  /** Name of the exception's type, such as `"KeyError"`. */
  readonly type: string;
}

/** A class of `pyodide.ffi`: serves `instanceof`, cannot be constructed. */
export type FeatureClass<T> = (abstract new (...args: never) => T) & {
  readonly prototype: T;
  [Symbol.hasInstance](value: unknown): value is T;
};

/** The namespace `pyodide.ffi`. */
export interface Ffi {
  readonly PyProxy: FeatureClass<PyProxy>;
  readonly PyProxyWithLength: FeatureClass<PyProxyWithLength>;
  readonly PyProxyWithGet: FeatureClass<PyProxyWithGet>;
  readonly PyProxyWithSet: FeatureClass<PyProxyWithSet>;
  readonly PyProxyWithHas: FeatureClass<PyProxyWithHas>;
  readonly PyDict: FeatureClass<PyDict>;
  readonly PyIterable: FeatureClass<PyIterable>;
  readonly PyIterator: FeatureClass<PyIterator>;
  readonly PyGenerator: FeatureClass<PyGenerator>;
  readonly PyAsyncIterable: FeatureClass<PyAsyncIterable>;
  readonly PyAsyncIterator: FeatureClass<PyAsyncIterator>;
  readonly PyAsyncGenerator: FeatureClass<PyAsyncGenerator>;
  readonly PyAwaitable: FeatureClass<PyAwaitable>;
  readonly PyCallable: FeatureClass<PyCallable>;
  readonly PyBuffer: FeatureClass<PyBuffer>;
  readonly PyBufferView: FeatureClass<PyBufferView>;
  readonly PySequence: FeatureClass<PySequence>;
  readonly PyMutableSequence: FeatureClass<PyMutableSequence>;
  readonly PythonError: FeatureClass<PythonError>;
}
