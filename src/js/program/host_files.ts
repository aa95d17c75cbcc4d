/**
 * The host's files in the virtual file system, under the same paths.
 *
 * Each folder of the host's root is mounted, but those in whose place the runtime has its own:
 * its library in /lib, and /dev and /proc, which have what descriptors of the runtime stand for.
 */

import {
  fstatSync,
  futimesSync,
  lstatSync,
  lutimesSync,
  readdirSync,
  readlinkSync,
  renameSync,
  type Stats,
  utimesSync,
} from "node:fs";
import type { FSNode, FSStat, FSStream, FSType } from "../api/emscripten";

/** Folders of the runtime; the host's are hidden. */
const RUNTIME_FOLDERS = new Set(["dev", "lib", "proc"]);
/** Where the host's root is, for files that lie directly in it. */
const HOST_ROOT = "/.host";

/** What is to be changed of a file; times in milliseconds, with a fraction. */
interface Attributes {
  atime?: number | null;
  mtime?: number | null;
  dontFollow?: boolean;
}

/** The parts of Emscripten's NODEFS that are changed here. */
interface NodeFs {
  realPath(node: FSNode): string;
  tryFSOperation<T>(operation: () => T): T;
  node_ops: {
    getattr(node: FSNode): FSStat;
    setattr(node: FSNode, attributes: Attributes): void;
    rename(node: FSNode, folder: FSNode, name: string): void;
  };
  stream_ops: {
    getattr(stream: FSStream & { nfd: number }): FSStat;
    setattr(stream: FSStream & { nfd: number }, attributes: Attributes): void;
  };
}

/** A time that keeps its fraction of a millisecond; Emscripten asks for nothing else. */
class FineDate extends Date {
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    super(milliseconds);
    this.#milliseconds = milliseconds;
  }

  override getTime(): number {
    return this.#milliseconds;
  }
}

/** What the host says of a file, with its inode number and its times as they are. */
function asStat(stat: Stats): FSStat {
  const { dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks } = stat;
  return {
    ...{ dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks },
    atime: new FineDate(stat.atimeMs),
    mtime: new FineDate(stat.mtimeMs),
    ctime: new FineDate(stat.ctimeMs),
  };
}

/** The times to set, in seconds, if any are. */
function timesOf(
  { atime, mtime }: Attributes,
  stat: () => Stats,
): [atime: number, mtime: number] | undefined {
  if (typeof atime !== "number" && typeof mtime !== "number") {
    return undefined;
  }
  const before = stat();
  return [(atime ?? before.atimeMs) / 1000, (mtime ?? before.mtimeMs) / 1000];
}

interface InternalFs extends FSType {
  lookupNode(parent: FSNode, name: string): FSNode;
  destroyNode(node: FSNode): void;
}

/** Mounts the host's root folders. */
export function mountHost(given: FSType): void {
  const fs = given as InternalFs;
  const nodeFs = fs.filesystems["NODEFS"] as NodeFs;
  improve(fs, nodeFs);
  const names = readdirSync("/").filter((name) => !RUNTIME_FOLDERS.has(name));
  let rootIsMounted = false;
  for (const name of names) {
    const path = `/${name}`;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) {
      replaceByLink(fs, readlinkSync(path), path);
    } else if (stat?.isDirectory()) {
      fs.mkdirTree(path);
      fs.mount(nodeFs, { root: path }, path);
    } else if (stat?.isFile()) {
      if (!rootIsMounted) {
        rootIsMounted = true;
        fs.mkdir(HOST_ROOT);
        fs.mount(nodeFs, { root: "/" }, HOST_ROOT);
      }
      replaceByLink(fs, `${HOST_ROOT}${path}`, path);
    }
  }
  // What is written here would be lost: better an error.
  fs.chmod("/", 0o555);
}

function replaceByLink(fs: InternalFs, target: string, path: string): void {
  if (fs.analyzePath(path).exists) {
    fs.rmdir(path);
  }
  fs.symlink(target, path);
}

/**
 * Makes inode numbers and times those of the host, so that two paths of one file can be recognised,
 * and lets `rename` replace its target in one step, as the host does it.
 */
function improve(fs: InternalFs, nodeFs: NodeFs): void {
  const { node_ops: nodes, stream_ops: streams } = nodeFs;
  const { setattr: setNode } = nodes;
  const { setattr: setStream } = streams;
  nodes.getattr = (node) => nodeFs.tryFSOperation(() => asStat(lstatSync(nodeFs.realPath(node))));
  streams.getattr = (stream) => nodeFs.tryFSOperation(() => asStat(fstatSync(stream.nfd)));
  nodes.setattr = (node, attributes) => {
    const path = nodeFs.realPath(node);
    const times = timesOf(attributes, () => lstatSync(path));
    if (times === undefined) {
      setNode(node, attributes);
    } else {
      nodeFs.tryFSOperation(() =>
        (attributes.dontFollow === true ? lutimesSync : utimesSync)(path, ...times),
      );
    }
  };
  streams.setattr = (stream, attributes) => {
    const times = timesOf(attributes, () => fstatSync(stream.nfd));
    if (times === undefined) {
      setStream(stream, attributes);
    } else {
      nodeFs.tryFSOperation(() => futimesSync(stream.nfd, ...times));
    }
  };
  nodes.rename = (node, folder, name) => {
    const target = `${nodeFs.realPath(folder)}/${name}`;
    const replaced = lstatSync(target, { throwIfNoEntry: false });
    const before = replaced && fs.lookupNode(folder, name);
    nodeFs.tryFSOperation(() => renameSync(nodeFs.realPath(node), target));
    if (before !== undefined) {
      fs.destroyNode(before);
    }
    node.name = name;
  };
}
