/**
 * The package manager as the options of `loadPyodide` want it: reads the lock file, finds the base
 * addresses, and starts to load the packages that are wanted from the start.
 */

import { describeError } from "../../host/errors";
import type { Host } from "../../host/host";
import type { Places } from "../layout";
import type { Library } from "../library";
import type { CheckedOptions } from "../options";
import type { PythonSide } from "../python";
import { type Lockfile, parseLockfile } from "./lockfile";
import { type PackageData, PackageManager } from "./manager";

/** A package manager, and the packages of the option `packages` on their way. */
export interface OpenedPackages {
  manager: PackageManager;
  /** Settles after {@link PackageManager.start}. */
  preloaded: Promise<PackageData[]>;
}

const withSlash = (folder: string): string => folder.replace(/[\\/]*$/, "/");

/**
 * Opens the distribution's packages.
 *
 * @param python - Python's side; it need not have started
 * @param host - reads files
 * @param places - where the runtime's files are
 * @param options - of `loadPyodide`
 * @param library - what of Python's library is apart
 * @throws RuntimeFileError if there is no lock file
 * @throws Error for a lock file that is damaged or of another version
 */
export async function openPackages(
  python: PythonSide,
  host: Host,
  places: Places,
  options: CheckedOptions,
  library: Library,
): Promise<OpenedPackages> {
  const { packageBaseUrls, packageCacheDir, packages } = options;
  const { lockFileURL } = options;
  const lockFile = lockFileURL === undefined ? places.of("lock") : host.resolve(lockFileURL);
  const lockFolder = lockFileURL === undefined ? places.folder : host.folderOf(lockFile);
  const lockfile = await readLockfile(host, lockFile, options);
  const given = packageBaseUrls.map((base) => withSlash(host.resolve(base)));
  const manager = new PackageManager(
    python,
    lockfile,
    {
      host,
      bases: given.length > 0 ? given : [withSlash(lockFolder)],
      cacheFolder:
        host.keepFile === undefined ? undefined : withSlash(packageCacheDir ?? places.folder),
      onProgress: options.onProgress,
    },
    library,
  );
  const preloaded = packages.length > 0 ? manager.loadPackage(packages) : Promise.resolve([]);
  // Who awaits it is told; until then a failure is none that nobody handles.
  preloaded.catch(() => {});
  return { manager, preloaded };
}

async function readLockfile(
  host: Host,
  file: string,
  { lockFileContents, onProgress }: CheckedOptions,
): Promise<Lockfile> {
  if (lockFileContents !== undefined) {
    return parseLockfile(await lockFileContents, "lockFileContents");
  }
  const bytes = await host.readBytes(file, onProgress);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${file} is not valid JSON: ${describeError(error)}`, { cause: error });
  }
  return parseLockfile(text, file);
}
