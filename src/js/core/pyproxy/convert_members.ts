/** `toJs`: the explicit conversion that every PyProxy offers. */
import { levelsOf } from "../containers";
import { asConverter, type Converter, toJs } from "../to_js";
import { type ProxyState, stateOfThis } from "./state";

/** Options of toJs(). */
export interface ToJsOptions {
  /** Levels of containers to convert; -1 for all. */
  depth?: number;
  /** Gets every PyProxy that the conversion makes. */
  pyproxies?: unknown[] | null;
  /** When false, an object without a conversion is an error. */
  create_pyproxies?: boolean;
  /** Called for each dict with an Array of its [key, value] Arrays. */
  dict_converter?: object | null;
  /** Called with (value, convert, cacheConversion) for objects without a conversion. */
  default_converter?: object | null;
  /** Called likewise for every object, before anything else. */
  eager_converter?: object | null;
}

function converterOption(
  { rt }: ProxyState,
  options: ToJsOptions,
  name: "dict_converter" | "default_converter" | "eager_converter",
): Converter | undefined {
  const given = options[name] ?? undefined;
  if (given === undefined) return undefined;
  if (typeof given !== "function") throw new TypeError(`toJs: ${name} must be a function`);
  return asConverter(rt, given);
}

export class ConvertMembers {
  /**
   * Copy the object and what it holds to JavaScript. What has no conversion becomes a PyProxy.
   * @throws PythonError of the type ConversionError
   */
  toJs(options: ToJsOptions = {}): unknown {
    const state = stateOfThis(this);
    const { create_pyproxies: createProxies = true } = options;
    const depth = levelsOf(options.depth ?? -1, "toJs");
    const pyproxies = options.pyproxies ?? null;
    if (pyproxies !== null && !Array.isArray(pyproxies)) {
      throw new TypeError("toJs: pyproxies must be an Array");
    }
    return toJs(state.rt, state.use(), {
      depth,
      pyproxies,
      createProxies: Boolean(createProxies),
      dictConverter: converterOption(state, options, "dict_converter"),
      defaultConverter: converterOption(state, options, "default_converter"),
      eagerConverter: converterOption(state, options, "eager_converter"),
    });
  }
}
