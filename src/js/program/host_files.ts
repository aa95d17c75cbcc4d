/**
 * The host's files in the virtual file system, under the same paths.
 *
 * Each folder of the host's root is mounted, but those in whose place the runtime has its own:
 * its library in /lib, and /dev and /proc, which have what descriptors of the runtime stand for.
 */

import { existsSync, fstatSync, lstatSync, readdirSync, readlinkSync, renameSync } from "node:fs";
import type { FSNode, FSStat, FSStream, FSType } from "../api/emscripten";

/** Folders of the runtime; the host's are hidden. */
const RUNTIME_FOLDERS = new Set(["dev", "lib", "proc"]);
/** Where the host's root is, for files that lie directly in it. */
const HOST_ROOT = "/.host";

/** The parts of Emscripten's NODEFS that are changed here. */
interface NodeFs {
  realPath(node: FSNode): string;
  tryFSOperation<T>(operation: () => T): T;
  node_ops: {
    getattr(node: FSNode): FSStat;
    rename(node: FSNode, folder: FSNode, name: string): void;
  };
  stream_ops: { getattr(stream: FSStream & { nfd: number }): FSStat };
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
 * Makes inode numbers those of the host, so that two paths of one file can be recognised, and lets
 * `rename` replace its target in one step, as the host does it.
 */
function improve(fs: InternalFs, nodeFs: NodeFs): void {
  const { node_ops: nodes, stream_ops: streams } = nodeFs;
  const { getattr } = nodes;
  nodes.getattr = (node) => {
    const stat = getattr(node);
    const host = lstatSync(nodeFs.realPath(node), { throwIfNoEntry: false });
    return host === undefined ? stat : { ...stat, ino: host.ino };
  };
  const getStreamAttr = streams.getattr;
  streams.getattr = (stream) => ({ ...getStreamAttr(stream), ino: fstatSync(stream.nfd).ino });
  nodes.rename = (node, folder, name) => {
    const target = `${nodeFs.realPath(folder)}/${name}`;
    const replaced = existsSync(target) ? fs.lookupNode(folder, name) : undefined;
    nodeFs.tryFSOperation(() => renameSync(nodeFs.realPath(node), target));
    if (replaced !== undefined) {
      fs.destroyNode(replaced);
    }
    node.name = name;
  };
}
