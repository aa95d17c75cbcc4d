/**
 * What belongs to one PyProxy object, and how it is found from the object: by a private field
 * that is stamped on the Proxy, so that no trap of this or of a foreign Proxy is run.
 */
import { PyFlag, type Ptr } from "../abi.gen";
import { type Runtime } from "../runtime";
import { type Lifetime } from "./lifetime";

/** `this` and the leading arguments of a callable's alias. */
export class Binding {
  /**
   * @param captureThis `this` is the first argument
   * @param bound whether `self` takes the place of the call's own `this`
   * @param promising calls are made as callPromising makes them, where the engine can
   */
  constructor(
    readonly captureThis: boolean,
    readonly bound: boolean,
    readonly self: unknown,
    readonly args: readonly unknown[],
    readonly promising = false,
  ) {}

  /** The arguments that Python gets. */
  complete(self: unknown, args: readonly unknown[]): readonly unknown[] {
    if (this.captureThis) return [this.bound ? this.self : self, ...this.args, ...args];
    return this.args.length === 0 ? args : [...this.args, ...args];
  }
}

export const UNBOUND = new Binding(false, false, undefined, []);
export const CAPTURING = new Binding(true, false, undefined, []);
export const PROMISING = new Binding(false, false, undefined, [], true);

/** The state of one proxy; classes with traps extend it, so that it is the Proxy's handler. */
export class ProxyState {
  /** The PyProxy itself. */
  self!: object;

  constructor(
    readonly rt: Runtime,
    readonly life: Lifetime,
    readonly flags: number,
    readonly binding: Binding,
  ) {}

  /** The Python object's address. @throws Error when the proxy is destroyed */
  use(): Ptr {
    return this.life.use();
  }
}

/** The capabilities as `$$flags` shows them: without those that only the bridge asks for. */
export const publicFlags = (flags: number): number => flags & ~PyFlag.IS_BOUND_METHOD;

/** Makes a PyProxy. Set by types.ts, which is built upon the members that need it. */
type Maker = (rt: Runtime, life: Lifetime, flags: number, binding: Binding) => object;
let maker: Maker;

export function setMaker(make: Maker): void {
  maker = make;
}

/** Another proxy of the same object and life, with other capabilities or another binding. */
export function makeAlias(state: ProxyState, flags: number, binding: Binding): object {
  return maker(state.rt, state.life, flags, binding);
}

/** Another proxy of the same object with a life of its own. */
export function makeCopy(state: ProxyState, life: Lifetime): object {
  return maker(state.rt, life, state.flags, state.binding);
}

class Returned {
  constructor(value: object) {
    return value;
  }
}

/** Its constructor adds the private field to the object that it is given. */
class Stamp extends Returned {
  readonly #state: ProxyState;

  constructor(proxy: object, state: ProxyState) {
    super(proxy);
    this.#state = state;
  }

  static read(value: object): ProxyState | undefined {
    return #state in value ? value.#state : undefined;
  }

  static require(value: unknown): ProxyState {
    try {
      return (value as Stamp).#state;
    } catch {
      throw new TypeError("this method must be called on a PyProxy");
    }
  }
}

/** Make `proxy` recognisable as the PyProxy of `state`. */
export function stamp(proxy: object, state: ProxyState): void {
  new Stamp(proxy, state);
  state.self = proxy;
}

/** The state of a PyProxy of any runtime; undefined for everything else. Never throws. */
export function stateOf(value: unknown): ProxyState | undefined {
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    return Stamp.read(value);
  }
  return undefined;
}

/** The state of `this` in a member. @throws TypeError when it is no PyProxy */
export function stateOfThis(self: unknown): ProxyState {
  return Stamp.require(self);
}
