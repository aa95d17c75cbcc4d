/** Python strings for names and keys that JavaScript uses again and again. */
import { type Ptr } from "./abi.gen";

/** Bound of each table; names that scripts make up at run time must not fill memory. */
const MAX_ENTRIES = 4096;
/** Longer strings are no names. */
const MAX_LENGTH = 64;

/** What the table needs of its interpreter. */
export interface NameSource {
  /** The address of the interned str, with a reference that the table owns. */
  intern(name: string): Ptr;
  /** Give references back. */
  release(addresses: readonly Ptr[]): void;
  /** False while a call is under way, which may be using an address. */
  idle(): boolean;
}

/** Interned Python strings by their JavaScript text, so that a name is encoded once. */
export class NameTable {
  private names = new Map<string, Ptr>();
  /** As names, but 0 for keys that have been seen only once. */
  private keys = new Map<string, Ptr>();

  constructor(private readonly source: NameSource) {}

  /** Address of an attribute's name. */
  get(name: string): Ptr {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.names.size >= MAX_ENTRIES && this.source.idle()) {
      this.source.release([...this.names.values()]);
      this.names.clear();
    }
    const address = this.source.intern(name);
    this.names.set(name, address);
    return address;
  }

  /**
   * Address of the key of an item, or 0: at its first use a key is not worth a crossing of its
   * own, since data have many keys that occur once.
   */
  key(key: string): Ptr {
    const known = this.keys.get(key);
    if (known !== undefined && known !== 0) return known;
    if (key.length > MAX_LENGTH) return 0;
    if (known === undefined) {
      this.forgetKeys();
      this.keys.set(key, 0);
      return 0;
    }
    const address = this.source.intern(key);
    this.keys.set(key, address);
    return address;
  }

  private forgetKeys(): void {
    if (this.keys.size < MAX_ENTRIES || !this.source.idle()) return;
    this.source.release([...this.keys.values()].filter((address) => address !== 0));
    this.keys.clear();
  }
}
