/**
 * Which members and traps a PyProxy gets: rows of [capability bits, mixin]. For each set of
 * bits that occurs one prototype and one class of traps are made, once.
 */
import { PyFlag } from "../abi.gen";
import {
  AsyncGeneratorMembers,
  AsyncIterableMembers,
  AsyncIteratorMembers,
} from "./async_iteration";
import { AwaitableMembers } from "./awaitable";
import {
  BasicMembers,
  DisposeMembers,
  GetMembers,
  HasMembers,
  LengthMembers,
  SetMembers,
} from "./basic_members";
import { BufferMembers } from "./buffer";
import { CallMembers, functionTarget } from "./call_members";
import { ConvertMembers } from "./convert_members";
import { DictTraps } from "./dict_traps";
import { FunctionTraps } from "./function_traps";
import { GeneratorMembers, IterableMembers, IteratorMembers } from "./iteration";
import {
  JsonDictTraps,
  JsonGetMembers,
  JsonMembers,
  JsonSequenceMembers,
  JsonSequenceTraps,
} from "./json";
import { type Lifetime } from "./lifetime";
import { MutableSequenceMembers, SequenceMembers } from "./sequence_members";
import { SequenceTraps } from "./sequence_traps";
import { type Binding, type ProxyState, setMaker, stamp } from "./state";
import { BaseTraps, type TrapsClass } from "./traps";
import { type Runtime } from "../runtime";

/** A class whose prototype holds the members. */
interface Members {
  readonly prototype: object;
}

/** All bits of a row are needed; where two rows have the same member, the later one wins. */
const MEMBER_ROWS: readonly (readonly [number, Members])[] = [
  [0, BasicMembers],
  [0, DisposeMembers],
  [0, ConvertMembers],
  [PyFlag.HAS_LENGTH, LengthMembers],
  [PyFlag.HAS_GET, GetMembers],
  [PyFlag.HAS_GET, JsonMembers],
  [PyFlag.HAS_SET, SetMembers],
  [PyFlag.HAS_CONTAINS, HasMembers],
  [PyFlag.IS_ASYNC_ITERABLE, AsyncIterableMembers],
  [PyFlag.IS_ASYNC_ITERATOR, AsyncIteratorMembers],
  [PyFlag.IS_ASYNC_GENERATOR, AsyncGeneratorMembers],
  [PyFlag.IS_ITERABLE, IterableMembers],
  [PyFlag.IS_ITERATOR, IteratorMembers],
  [PyFlag.IS_GENERATOR, GeneratorMembers],
  [PyFlag.IS_AWAITABLE, AwaitableMembers],
  [PyFlag.IS_BUFFER, BufferMembers],
  [PyFlag.IS_CALLABLE, CallMembers],
  [PyFlag.IS_SEQUENCE, SequenceMembers],
  [PyFlag.IS_MUTABLE_SEQUENCE, MutableSequenceMembers],
  [PyFlag.IS_JSON_ADAPTOR_SEQUENCE, JsonSequenceMembers],
  [PyFlag.IS_JSON_ADAPTOR_SEQUENCE, JsonGetMembers],
  [PyFlag.IS_JSON_ADAPTOR_DICT, JsonGetMembers],
];

/** Later rows wrap around earlier ones. */
const TRAP_ROWS: readonly (readonly [number, (Base: TrapsClass) => TrapsClass])[] = [
  [PyFlag.IS_SEQUENCE, SequenceTraps],
  [PyFlag.IS_DICT, DictTraps],
  [PyFlag.IS_JSON_ADAPTOR_SEQUENCE, JsonSequenceTraps],
  [PyFlag.IS_JSON_ADAPTOR_DICT, JsonDictTraps],
  [PyFlag.IS_CALLABLE, FunctionTraps],
];

/** What all proxies with the same capabilities share. */
interface ProxyType {
  readonly prototype: object;
  readonly Traps: TrapsClass;
  /** Makes targets that are no functions. */
  readonly Target: new () => object;
}

function copyMembers(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    if (key === "constructor") continue;
    Object.defineProperty(to, key, Object.getOwnPropertyDescriptor(from, key)!);
  }
}

function makePrototype(flags: number, publicClass: object): object {
  const callable = (flags & PyFlag.IS_CALLABLE) !== 0;
  const prototype = Object.create(callable ? Function.prototype : Object.prototype) as object;
  for (const [needed, { prototype: members }] of MEMBER_ROWS) {
    if ((flags & needed) === needed) copyMembers(members, prototype);
  }
  Object.defineProperty(prototype, "constructor", {
    value: publicClass,
    writable: true,
    configurable: true,
  });
  return prototype;
}

/** A constructor of plain objects with the prototype. */
function makeTarget(prototype: object): new () => object {
  const Target = function () {} as unknown as { new (): object; prototype: object };
  Target.prototype = prototype;
  return Target;
}

function typeOf(rt: Runtime, flags: number): ProxyType {
  const types = rt.proxyTypes as Map<number, ProxyType>;
  const known = types.get(flags);
  if (known !== undefined) return known;
  let Traps: TrapsClass = BaseTraps;
  for (const [needed, mixin] of TRAP_ROWS) {
    if ((flags & needed) === needed) Traps = mixin(Traps);
  }
  const prototype = makePrototype(flags, rt.publicClass);
  const type: ProxyType = { prototype, Traps, Target: makeTarget(prototype) };
  types.set(flags, type);
  return type;
}

/** Make the PyProxy of a life. */
export function makeOfType(rt: Runtime, life: Lifetime, flags: number, binding: Binding): object {
  const type = typeOf(rt, flags);
  const state: ProxyState = new type.Traps(rt, life, flags, binding);
  let target: object;
  if ((flags & PyFlag.IS_CALLABLE) !== 0) {
    target = functionTarget(state);
    Object.setPrototypeOf(target, type.prototype);
  } else {
    target = new type.Target();
  }
  const proxy = new Proxy(target, state as ProxyHandler<object>);
  stamp(proxy, state);
  return proxy;
}
setMaker(makeOfType);
