/**
 * Reading `dylink.0`, the first section of a shared library: what it needs and where that may be.
 * The format is described in WebAssembly's tool conventions, "Dynamic linking".
 */

/** What the section says, as far as it is used here. */
export interface DylinkInfo {
  /** Names of the libraries that it needs. */
  needed: string[];
  /** Folders in which they are looked for; `$ORIGIN` is the library's own. */
  runtimePaths: string[];
  /** Symbols that may be missing. */
  weakImports: Set<string>;
}

enum Part {
  Needed = 2,
  ImportInfo = 4,
  RuntimePath = 5,
}
const BINDING_MASK = 3;
const BINDING_WEAK = 1;

/** Reads numbers and strings one after the other. */
class Reader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** An unsigned LEB128 number. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) {
        throw new Error("its section dylink.0 is cut off");
      }
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value;
      }
    }
  }

  string(): string {
    const size = this.number();
    this.at += size;
    return new TextDecoder().decode(this.bytes.subarray(this.at - size, this.at));
  }

  strings(): string[] {
    return Array.from({ length: this.number() }, () => this.string());
  }
}

/**
 * What a compiled library needs.
 * @throws Error if it is not a shared library
 */
export function readDylink(module: WebAssembly.Module): DylinkInfo {
  const section = WebAssembly.Module.customSections(module, "dylink.0")[0];
  if (section === undefined) {
    throw new Error("it is no shared library: it has no section dylink.0");
  }
  const info: DylinkInfo = { needed: [], runtimePaths: [], weakImports: new Set() };
  const reader = new Reader(new Uint8Array(section));
  while (reader.at < reader.bytes.length) {
    const part = reader.number();
    const size = reader.number();
    const end = reader.at + size;
    if (part === Part.Needed) {
      info.needed = reader.strings();
    } else if (part === Part.RuntimePath) {
      info.runtimePaths = reader.strings();
    } else if (part === Part.ImportInfo) {
      readWeakImports(reader, info.weakImports);
    }
    reader.at = end;
  }
  return info;
}

function readWeakImports(reader: Reader, weak: Set<string>): void {
  for (let left = reader.number(); left > 0; left--) {
    reader.string();
    const name = reader.string();
    if ((reader.number() & BINDING_MASK) === BINDING_WEAK) {
      weak.add(name);
    }
  }
}
