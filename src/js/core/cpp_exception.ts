/** C++ exceptions that no C++ code has caught: what they were, as an Error. */
import { SLOT_SIZE, type SlotPtr, Tag } from "./abi.gen";
import { type Runtime } from "./runtime";
import { isWasmException } from "./thrown";

/** A C++ exception that has escaped from WebAssembly. Its `name` tells the C++ type too. */
export class CppException extends Error {
  /**
   * @param type the exception's C++ type
   * @param message its `what()`, or where it was when it has none
   */
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
    Object.defineProperty(this, "name", {
      value: `CppException ${type}`,
      configurable: true,
      writable: true,
    });
  }
}

function textAt({ heap }: Runtime, slot: SlotPtr): string {
  const at = heap.u32[(slot >>> 2) + 2]!;
  return new TextDecoder().decode(heap.u8.slice(at, at + heap.u32[(slot >>> 2) + 3]!));
}

function describe(rt: Runtime, address: number): CppException {
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(3 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    rt.exports.pyx_cpp_exception(address, 0, frame, 2, out, null, null, null, null);
    heap.check();
    const type = textAt(rt, frame);
    const message =
      heap.u8[frame + SLOT_SIZE] !== Tag.ABSENT
        ? textAt(rt, frame + SLOT_SIZE)
        : `The exception is an object of type ${type} at address ` +
          `${heap.u32[(out >>> 2) + 2]!} which does not inherit from std::exception`;
    return new CppException(type, message);
  } finally {
    heap.top = top;
  }
}

/** The Error for a C++ exception; undefined for anything else that was thrown. */
export function cppException(rt: Runtime, thrown: unknown): CppException | undefined {
  const tag = (rt.exports as unknown as { __cpp_exception?: object }).__cpp_exception;
  try {
    if (tag === undefined || !isWasmException(thrown)) {
      return undefined;
    }
    return thrown.is(tag) ? describe(rt, thrown.getArg(tag, 0)) : undefined;
  } catch {
    // A revoked Proxy, or memory that cannot be read any more.
    return undefined;
  }
}
