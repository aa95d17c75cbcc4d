/**
 * A file system over a directory handle of the browser (a folder that the user has opened, or the
 * origin's private one). Python sees a copy in memory, which is brought up to date when asked.
 */

import type { EmscriptenModule, FSMount, FSNode, FSType } from "./emscripten";

/** A `FileSystemFileHandle`, as far as it is used. */
export interface FileHandle {
  readonly kind: "file";
  getFile(): Promise<{
    readonly lastModified: number;
    readonly size: number;
    arrayBuffer(): Promise<ArrayBuffer>;
  }>;
  createWritable(): Promise<{
    write(data: any): Promise<void>;
    close(): Promise<void>;
    abort?(reason?: any): Promise<void>;
  }>;
}

/** A `FileSystemDirectoryHandle`, as far as it is used. */
export interface DirectoryHandle {
  readonly kind: "directory";
  entries(): AsyncIterable<[string, any]>;
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<any>;
  getFileHandle(name: string, options?: { create?: boolean }): Promise<any>;
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>;
}

/** The permission of a handle, in browsers that ask for it. */
interface Permission {
  queryPermission?(options: { mode: string }): Promise<string>;
  requestPermission?(options: { mode: string }): Promise<string>;
}

/** A file or folder on one side: what changes when it changes. */
interface State {
  readonly directory: boolean;
  readonly version: string;
}

/** Both sides of a path as they were when they were last alike. */
interface Known {
  readonly local: State;
  readonly remote: State;
}

interface Remote extends State {
  readonly handle: FileHandle | DirectoryHandle;
}

interface Local extends State {
  readonly node: FSNode;
}

/** A file system, as `FS.mount` takes it. */
export interface NativeFiles {
  mount(mount: FSMount): FSNode;
  syncfs(mount: FSMount, populate: boolean, callback: (error: unknown) => void): void;
  /** Reads the native directory, or writes to it; one after the other. */
  synchronize(mount: FSMount, populate: boolean): Promise<void>;
}

/**
 * Checks a handle and asks for permission.
 *
 * @param module - the instantiated module
 * @param directory - the native directory
 * @throws TypeError if it is no directory handle
 * @throws Error if the user does not permit writing to it
 */
export async function createNativeFiles(
  module: EmscriptenModule,
  directory: DirectoryHandle,
): Promise<NativeFiles> {
  const given = directory as Partial<DirectoryHandle> | null | undefined;
  if (given?.kind !== "directory" || typeof given.entries !== "function") {
    throw new TypeError(
      "Expected argument 'fileSystemHandle' to be a FileSystemDirectoryHandle, for example from showDirectoryPicker()",
    );
  }
  await getPermission(directory as Permission);
  return new NativeFileSystem(module, directory);
}

async function getPermission(handle: Permission): Promise<void> {
  const options = { mode: "readwrite" };
  let state = (await handle.queryPermission?.(options)) ?? "granted";
  if (state === "prompt") state = (await handle.requestPermission?.(options)) ?? state;
  if (state !== "granted") {
    throw new Error(
      "Writing to the native directory is not permitted. Call mountNativeFS in answer to a click, so that the browser can ask the user.",
    );
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
/** Folders come before what is in them. */
const byPath = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

class NativeFileSystem implements NativeFiles {
  readonly #module: EmscriptenModule;
  readonly #FS: FSType;
  readonly #directory: DirectoryHandle;
  readonly #known = new Map<string, Known>();
  #running: Promise<void> = Promise.resolve();
  #folderOps: FSNode["node_ops"] | undefined;

  constructor(module: EmscriptenModule, directory: DirectoryHandle) {
    this.#module = module;
    this.#FS = module.FS;
    this.#directory = directory;
  }

  mount(mount: FSMount): FSNode {
    return this.#adopt(this.#module.MEMFS.mount(mount));
  }

  syncfs(mount: FSMount, populate: boolean, callback: (error: unknown) => void): void {
    this.synchronize(mount, populate).then(() => callback(null), callback);
  }

  synchronize(mount: FSMount, populate: boolean): Promise<void> {
    const run = (): Promise<void> => (populate ? this.#load(mount) : this.#save(mount));
    const done = this.#running.then(run);
    this.#running = done.catch(() => {});
    return done;
  }

  /** Folders of this file system hold only what the native directory can hold. */
  #adopt(node: FSNode): FSNode {
    if (!this.#FS.isDir(node.mode)) return node;
    this.#folderOps ??= {
      ...node.node_ops,
      symlink: undefined,
      mknod: (parent, name, mode, device) => {
        if (!this.#FS.isDir(mode) && !this.#FS.isFile(mode)) {
          throw new this.#FS.ErrnoError(this.#module.ERRNO_CODES["EPERM"]!);
        }
        return this.#adopt(this.#module.MEMFS.createNode(parent, name, mode, device));
      },
    };
    node.node_ops = this.#folderOps;
    return node;
  }

  #localOf(node: FSNode): Local {
    const directory = this.#FS.isDir(node.mode);
    const version = directory ? "" : `${node.id} ${node.mtime} ${node.usedBytes}`;
    return { node, directory, version };
  }

  #locals(mount: FSMount): Map<string, Local> {
    const found = new Map<string, Local>();
    const visit = (folder: FSNode, prefix: string): void => {
      for (const [name, node] of Object.entries(folder.contents as Record<string, FSNode>)) {
        // Another file system that is mounted within belongs elsewhere.
        if (this.#FS.isMountpoint(node)) continue;
        const path = `${prefix}/${name}`;
        found.set(path, this.#localOf(node));
        if (this.#FS.isDir(node.mode)) visit(node, path);
      }
    };
    visit(mount.root, "");
    return found;
  }

  async #remotes(): Promise<Map<string, Remote>> {
    const found = new Map<string, Remote>();
    const visit = async (folder: DirectoryHandle, prefix: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        const path = `${prefix}/${name}`;
        if ((handle as DirectoryHandle | FileHandle).kind === "directory") {
          found.set(path, { handle, directory: true, version: "" });
          await visit(handle as DirectoryHandle, path);
        } else {
          found.set(path, await remoteFile(handle as FileHandle));
        }
      }
    };
    await naming("/", "read", () => visit(this.#directory, ""));
    return found;
  }

  /** Python's changes to the native directory. */
  async #save(mount: FSMount): Promise<void> {
    const locals = this.#locals(mount);
    const remotes = await this.#remotes();
    for (const path of [...this.#known.keys()].sort(byPath).reverse()) {
      const local = locals.get(path);
      if (local === undefined || local.directory !== this.#known.get(path)!.local.directory) {
        await naming(path, "removed", () => this.#removeRemote(path, remotes));
        this.#known.delete(path);
      }
    }
    for (const path of [...locals.keys()].sort(byPath)) {
      const local = locals.get(path)!;
      const unchanged = this.#known.get(path)?.local.version === local.version;
      if (!(unchanged && remotes.has(path))) {
        await naming(path, "written", () => this.#writeRemote(path, local, remotes));
      }
    }
  }

  async #removeRemote(path: string, remotes: Map<string, Remote>): Promise<void> {
    const found = remotes.get(path);
    const parent = this.#remoteFolder(parentOf(path), remotes);
    if (found === undefined || parent === undefined) return;
    // What others have put into a folder stays, and the folder with it.
    const full = [...remotes.keys()].some((other) => other.startsWith(`${path}/`));
    if (found.directory && full) return;
    await parent.removeEntry(nameOf(path));
    remotes.delete(path);
  }

  async #writeRemote(path: string, local: Local, remotes: Map<string, Remote>): Promise<void> {
    const parent = this.#remoteFolder(parentOf(path), remotes)!;
    const create = { create: true };
    let remote: Remote;
    if (local.directory) {
      const handle = (await parent.getDirectoryHandle(nameOf(path), create)) as DirectoryHandle;
      remote = { handle, directory: true, version: "" };
    } else {
      const handle = (await parent.getFileHandle(nameOf(path), create)) as FileHandle;
      const { contents, usedBytes } = local.node;
      try {
        await writeFile(handle, (contents as Uint8Array).slice(0, usedBytes));
      } catch (error) {
        // An empty file in its place would look like somebody else's, and be read the next time.
        if (!remotes.has(path)) await parent.removeEntry(nameOf(path)).catch(() => {});
        throw error;
      }
      remote = await remoteFile(handle);
    }
    remotes.set(path, remote);
    this.#known.set(path, { local, remote });
  }

  #remoteFolder(path: string, remotes: Map<string, Remote>): DirectoryHandle | undefined {
    const found = path === "" ? this.#directory : remotes.get(path)?.handle;
    return found?.kind === "directory" ? found : undefined;
  }

  /** The native directory's changes to Python. */
  async #load(mount: FSMount): Promise<void> {
    const remotes = await this.#remotes();
    for (const path of [...this.#known.keys()].sort(byPath).reverse()) {
      const remote = remotes.get(path);
      const known = this.#known.get(path)!;
      if (remote === undefined || remote.directory !== known.remote.directory) {
        this.#removeLocal(mount.mountpoint + path, known);
        this.#known.delete(path);
      }
    }
    for (const path of [...remotes.keys()].sort(byPath)) {
      const remote = remotes.get(path)!;
      const unchanged = this.#known.get(path)?.remote.version === remote.version;
      if (!unchanged) await naming(path, "read", () => this.#readRemote(mount, path, remote));
    }
  }

  /** Removes what Python has not changed since it was last alike. */
  #removeLocal(place: string, known: Known): void {
    if (!this.#FS.analyzePath(place, true).exists) return;
    const local = this.#localOf(this.#FS.lookupPath(place).node);
    if (local.version !== known.local.version) return;
    if (!local.directory) this.#FS.unlink(place);
    else if (this.#FS.readdir(place).length === 2) this.#FS.rmdir(place);
  }

  async #readRemote(mount: FSMount, path: string, remote: Remote): Promise<void> {
    const place = mount.mountpoint + path;
    if (remote.directory) {
      this.#FS.mkdirTree(place);
    } else {
      const file = await (remote.handle as FileHandle).getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      this.#FS.writeFile(place, bytes, { canOwn: true });
      this.#FS.utime(place, file.lastModified, file.lastModified);
    }
    this.#known.set(path, { local: this.#localOf(this.#FS.lookupPath(place).node), remote });
  }
}

async function remoteFile(handle: FileHandle): Promise<Remote> {
  const file = await handle.getFile();
  return { handle, directory: false, version: `${file.lastModified} ${file.size}` };
}

async function writeFile(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const writable = await handle.createWritable();
  try {
    await writable.write(bytes);
  } catch (error) {
    // Otherwise the file stays locked; what it holds is as it was.
    await writable.abort?.(error);
    throw error;
  }
  await writable.close();
}

/** Errors of the browser do not say which file they are about. */
async function naming<T>(path: string, verb: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason =
      error instanceof Error || error instanceof DOMException ? error.message : String(error);
    throw new Error(`'${path}' of the native directory cannot be ${verb}: ${reason}`, {
      cause: error,
    });
  }
}
