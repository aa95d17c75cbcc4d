/**
 * A directory handle in memory, as browsers have them, whose files others can change and whose operations can be made to
 * fail: `handle.fail = (operation, path) => error` is thrown when it is not undefined.
 */
export class MemoryDirectory {
  kind = "directory";
  #children = new Map();

  constructor(name = "", root = undefined) {
    this.name = name;
    this.root = root ?? this;
  }

  check(operation, name) {
    const error = this.root.fail?.(operation, `${this.name}/${name}`);
    if (error !== undefined) throw error;
  }

  async *entries() {
    this.check("entries", "");
    yield* [...this.#children];
  }

  async getDirectoryHandle(name, { create = false } = {}) {
    return this.#get(name, create, () => new MemoryDirectory(`${this.name}/${name}`, this.root));
  }

  async getFileHandle(name, { create = false } = {}) {
    return this.#get(name, create, () => new MemoryFile(name, this));
  }

  async removeEntry(name) {
    this.check("remove", name);
    const child = this.#children.get(name);
    if (child === undefined) throw new DOMException("not found", "NotFoundError");
    if (child.kind === "directory" && child.#children.size > 0) {
      throw new DOMException("not empty", "InvalidModificationError");
    }
    this.#children.delete(name);
  }

  /** What others do: writes a file; the folders above it are made. */
  put(path, text) {
    const [name, ...rest] = path.split("/");
    if (rest.length > 0) {
      const folder = this.#get(name, true, () => new MemoryDirectory(`${this.name}/${name}`, this.root));
      folder.put(rest.join("/"), text);
    } else {
      this.#get(name, true, () => new MemoryFile(name, this)).set(new TextEncoder().encode(text));
    }
  }

  /** What others do: removes a file or folder. */
  drop(name) {
    this.#children.delete(name);
  }

  /** Path to text of each file, and to "<folder>" of each folder. */
  contents(prefix = "") {
    const found = {};
    for (const [name, child] of [...this.#children].sort()) {
      if (child.kind === "file") found[prefix + name] = new TextDecoder().decode(child.bytes);
      else Object.assign(found, { [`${prefix}${name}/`]: "<folder>" }, child.contents(`${prefix}${name}/`));
    }
    return found;
  }

  #get(name, create, make) {
    this.check("get", name);
    const child = this.#children.get(name);
    if (child === undefined && !create) throw new DOMException("not found", "NotFoundError");
    const wanted = child ?? make();
    if (child !== undefined && child.kind !== make().kind) {
      throw new DOMException("it is of another kind", "TypeMismatchError");
    }
    this.#children.set(name, wanted);
    return wanted;
  }
}

class MemoryFile {
  kind = "file";
  bytes = new Uint8Array(0);
  lastModified = 0;
  writes = 0;
  static clock = 1_700_000_000_000;

  constructor(name, parent) {
    this.name = name;
    this.parent = parent;
  }

  set(bytes) {
    this.bytes = bytes;
    this.lastModified = MemoryFile.clock += 1000;
    this.writes++;
  }

  async getFile() {
    this.parent.check("getFile", this.name);
    const { bytes, lastModified } = this;
    return {
      lastModified,
      size: bytes.length,
      arrayBuffer: async () => {
        this.parent.check("read", this.name);
        return bytes.slice().buffer;
      },
    };
  }

  async createWritable() {
    let written = new Uint8Array(0);
    return {
      write: async (data) => {
        this.parent.check("write", this.name);
        written = data.slice();
      },
      close: async () => this.set(written),
      abort: async () => {},
    };
  }
}
