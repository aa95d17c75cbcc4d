/**
 * Traps of callables, whose targets are functions. Their own and inherited properties `name`,
 * `length`, `caller`, `arguments` and `prototype` must not hide Python's attributes.
 */
import { PyFlag } from "../abi.gen";
import { lengthOf } from "./operations";
import { type Key, type TrapsClass } from "./traps";

const FUNCTION_NAMES = new Set<Key>(["name", "length", "caller", "arguments", "prototype"]);

/** The class that adds the rules for functions to `Base`. */
export function FunctionTraps(Base: TrapsClass): TrapsClass {
  return class extends Base {
    /** Those of FUNCTION_NAMES that the program has defined. */
    private defined: Set<Key> | undefined;

    private isPlain(key: Key): boolean {
      return FUNCTION_NAMES.has(key) && !(this.defined?.has(key) ?? false);
    }

    private isLength(key: Key): boolean {
      return key === "length" && (this.flags & PyFlag.HAS_LENGTH) !== 0;
    }

    override isMember(target: object, key: Key): boolean {
      return !this.isPlain(key) && super.isMember(target, key);
    }

    override get(target: object, key: Key, receiver: unknown): unknown {
      // The function's own length hides the getter that the prototype has for len().
      if (this.isLength(key) && this.isPlain(key)) return lengthOf(this);
      return super.get(target, key, receiver);
    }

    override set(target: object, key: Key, value: unknown, receiver: unknown): boolean {
      if (this.isLength(key) && this.isPlain(key)) return false;
      return super.set(target, key, value, receiver);
    }

    override has(target: object, key: Key): boolean {
      // `prototype` is not configurable, so JavaScript requires the answer true.
      if (key === "prototype" || this.isLength(key)) return true;
      return super.has(target, key);
    }

    override deleteProperty(target: object, key: Key): boolean {
      if (key === "prototype") return false;
      if (this.isLength(key) && this.isPlain(key)) return true;
      if (this.defined?.has(key) === true) return this.undefine(target, key);
      return super.deleteProperty(target, key);
    }

    private undefine(target: object, key: Key): boolean {
      if (!Reflect.deleteProperty(target, key)) return false;
      this.defined?.delete(key);
      return true;
    }

    override defineProperty(target: object, key: Key, descriptor: PropertyDescriptor): boolean {
      if (!super.defineProperty(target, key, descriptor)) return false;
      if (FUNCTION_NAMES.has(key)) (this.defined ??= new Set()).add(key);
      return true;
    }

    getOwnPropertyDescriptor(target: object, key: Key): PropertyDescriptor | undefined {
      if (key !== "prototype" && this.isPlain(key)) return undefined;
      return Reflect.getOwnPropertyDescriptor(target, key);
    }

    override ownMembers(target: object): Key[] {
      return super.ownMembers(target).filter((key) => key === "prototype" || !this.isPlain(key));
    }
  };
}
