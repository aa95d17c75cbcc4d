/** Interned Python strings by their JavaScript text, so that a name is encoded once. */
import { type Ptr } from "./abi.gen";

/** Bound of the table; names that scripts make up at run time must not fill memory. */
const MAX_NAMES = 4096;

export class NameTable {
  private table = new Map<string, Ptr>();

  /** @param intern makes Python intern the text and returns the address of the str */
  constructor(private readonly intern: (name: string) => Ptr) {}

  /** Address of the interned str; it lives as long as the interpreter. */
  get(name: string): Ptr {
    const known = this.table.get(name);
    if (known !== undefined) return known;
    // Interned names are immortal in C, so forgetting them here costs only another crossing.
    if (this.table.size >= MAX_NAMES) this.table.clear();
    const ptr = this.intern(name);
    this.table.set(name, ptr);
    return ptr;
  }
}
