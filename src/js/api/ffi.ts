/**
 * Types of `pyodide.ffi`: what a Python object offers when JavaScript holds it. The classes
 * themselves are made by the core; `instanceof` asks what the Python object can do.
 */

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
  /** Python's `str()` of the object. */
  toString(): string;
  /** Gives the Python object back before the garbage collector does. May be called again. */
  destroy(options?: DestroyOptions): void;
  /** A second proxy of the same object, to be destroyed on its own. */
  copy(): this;
  /**
   * Copies the object and what it holds to JavaScript: list and tuple to Array, dict to object,
   * set to Set, buffers to typed arrays. What has no conversion becomes a PyProxy.
   * @throws PythonError of the type ConversionError
   */
  toJs(options?: ToJsOptions): any;
  /** Reads an attribute without converting its value, so a list stays a live PyProxy. */
  getProxy(name: unknown): any;
  /** Python attributes; names that JavaScript's side uses are reached with a leading `$`. */
  [attribute: string]: any;
}

/** A Python object with `__len__`. */
export interface PyProxyWithLength extends PyProxy {
  readonly length: number;
}

/** A Python object with `__getitem__`. */
export interface PyProxyWithGet extends PyProxy {
  /** The item, or undefined if there is none. */
  get(key: any): any;
}

/** A Python object with `__setitem__` and `__delitem__`. */
export interface PyProxyWithSet extends PyProxy {
  set(key: any, value: any): void;
  delete(key: any): void;
}

/** A Python object with `__contains__`. */
export interface PyProxyWithHas extends PyProxy {
  has(key: any): boolean;
}

/** A Python object with `__iter__`. */
export interface PyIterable extends PyProxy {
  [Symbol.iterator](): Iterator<any, any, any>;
}

/** A Python object with `__next__`. */
export interface PyIterator extends PyIterable {
  next(value?: any): IteratorResult<any, any>;
}

/** A Python dict. */
export interface PyDict
  extends PyProxyWithLength, PyProxyWithGet, PyProxyWithSet, PyProxyWithHas, PyIterable {
  readonly length: number;
}

/** A Python object that can be awaited. */
export interface PyAwaitable extends PyProxy, Promise<any> {
  then: Promise<any>["then"];
  catch: Promise<any>["catch"];
  finally: Promise<any>["finally"];
}

/** A Python object that can be called. */
export interface PyCallable extends PyProxy {
  (...args: any[]): any;
  /** Calls with keyword arguments: the last argument is an object of them. */
  callKwargs(...argsAndKwargs: any[]): any;
}

/** A Python exception that reached JavaScript. */
export interface PythonError extends Error {
  /** Name of the exception's type, such as `"KeyError"`. */
  readonly type: string;
}

/** A class of `pyodide.ffi`: serves `instanceof`, cannot be constructed. */
export interface FeatureClass<T> {
  readonly prototype: T;
  [Symbol.hasInstance](value: unknown): value is T;
}

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
  readonly PyAwaitable: FeatureClass<PyAwaitable>;
  readonly PyCallable: FeatureClass<PyCallable>;
  readonly PythonError: FeatureClass<PythonError>;
}
