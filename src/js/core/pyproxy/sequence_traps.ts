/** Traps of sequences: integer-like names are indices. */
import { PythonError } from "../errors";
import { deleteItem, getItem, lengthOf, setItem } from "./operations";
import { type TrapsClass } from "./traps";

/** The index that a property's name spells, or -1. */
export function indexOf(key: string): number {
  const code = key.charCodeAt(0);
  // Most names are no indices, and their first character tells.
  if (!(code >= 0x30 && code <= 0x39)) return -1;
  return /^(?:0|[1-9][0-9]{0,9})$/.test(key) ? Number(key) : -1;
}

/** True for the error that Python raises for an index out of range. */
function isIndexError(error: unknown): boolean {
  return error instanceof PythonError && error.type === "IndexError";
}

/** The class that adds integer-like keys to `Base`. */
export function SequenceTraps(Base: TrapsClass): TrapsClass {
  return class extends Base {
    override read(key: string): unknown {
      const index = indexOf(key);
      return index < 0 ? super.read(key) : getItem(this, index);
    }

    override write(key: string, value: unknown): boolean {
      const index = indexOf(key);
      if (index < 0) return super.write(key, value);
      try {
        setItem(this, index, value);
        return true;
      } catch (error) {
        if (isIndexError(error)) return false;
        throw error;
      }
    }

    override contains(key: string): boolean {
      const index = indexOf(key);
      return index < 0 ? super.contains(key) : index < lengthOf(this);
    }

    override remove(key: string): boolean {
      const index = indexOf(key);
      if (index < 0) return super.remove(key);
      try {
        deleteItem(this, index);
        return true;
      } catch (error) {
        if (isIndexError(error)) return false;
        throw error;
      }
    }

    override names(): string[] {
      return [...indices(lengthOf(this)), "length", ...super.names()];
    }
  };
}

function indices(length: number): string[] {
  return Array.from({ length }, (_, i) => String(i));
}
