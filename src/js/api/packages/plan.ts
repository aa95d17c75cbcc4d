/**
 * Which packages are to be loaded for a request, and in which order.
 */

import { canonicalName, type Lockfile, type LockfilePackage } from "./lockfile";
import { fileNameOf, misfit, parseWheelName } from "./wheel_name";

/** Where packages of the lock file come from, as `loadedPackages` says it. */
export const DEFAULT_CHANNEL = "default channel";

/** A package that is to be loaded. */
export interface PlannedPackage {
  /** Its name as the index writes it. */
  key: string;
  /** Its name as messages and `loadedPackages` have it. */
  name: string;
  version: string;
  /** {@link DEFAULT_CHANNEL}, or the address that was given. */
  channel: string;
  /** Address of the file, relative to the base address if it comes from the lock file. */
  address: string;
  fileName: string;
  sha256: string;
  installDir: string;
  packageType: string;
  /** Keys of the packages that it needs. */
  depends: string[];
}

/** What a request comes to. */
export interface Plan {
  /** Packages to load, after those that they need. */
  packages: PlannedPackage[];
  /** Packages asked for by name or address that are loaded already. */
  present: { name: string; channel: string }[];
  /** Addresses of packages that are loaded from elsewhere. */
  mismatched: { name: string; channel: string; loadedFrom: string }[];
}

const isAddress = (request: string): boolean => request.replace(/[?#].*$/s, "").endsWith(".whl");

/**
 * Plans what to load.
 *
 * @param lockfile - the distribution's packages
 * @param requests - names of packages, or addresses of wheels
 * @param loaded - what is there: name -> channel
 * @throws Error for unknown names, wheels for other machines, and two files for one package
 */
export function planPackages(
  lockfile: Lockfile,
  requests: readonly string[],
  loaded: Readonly<Record<string, string>>,
): Plan {
  const channels = new Map(
    Object.entries(loaded).map(([name, channel]) => [canonicalName(name), channel]),
  );
  const plan: Plan = { packages: [], present: [], mismatched: [] };
  const custom = new Map<string, PlannedPackage>();
  const names = requests.map((request) => {
    if (!isAddress(request)) return request;
    const item = fromAddress(request);
    const other = custom.get(item.key);
    if (other !== undefined && other.channel !== item.channel) {
      throw new Error(
        `Package '${item.name}' is asked for twice, from ${other.channel} and from ${item.channel}. Choose one of them.`,
      );
    }
    custom.set(item.key, item);
    return item.name;
  });
  const asked = new Set(names.map(canonicalName));
  const visited = new Set<string>();
  const visit = (key: string, neededBy: string | undefined, name: string): void => {
    if (visited.has(key)) {
      return;
    }
    visited.add(key);
    const channel = channels.get(key);
    const item = custom.get(key) ?? fromLockfile(lockfile, key, name, neededBy);
    if (channel === undefined) {
      item.depends.forEach((needed) => visit(canonicalName(needed), item.name, needed));
      plan.packages.push(item);
    } else if (item.channel !== DEFAULT_CHANNEL && item.channel !== channel) {
      plan.mismatched.push({ name: item.name, channel: item.channel, loadedFrom: channel });
    } else if (asked.has(key)) {
      plan.present.push({ name: item.name, channel });
    }
  };
  for (const name of names) visit(canonicalName(name), undefined, name);
  return plan;
}

function fromLockfile(
  lockfile: Lockfile,
  key: string,
  name: string,
  neededBy: string | undefined,
): PlannedPackage {
  const entry: LockfilePackage | undefined = Object.hasOwn(lockfile.packages, key)
    ? lockfile.packages[key]
    : undefined;
  if (entry === undefined) {
    const reason = neededBy === undefined ? "" : `, which '${neededBy}' needs`;
    throw new Error(`No known package with name '${name}'${reason}`);
  }
  const fileName = fileNameOf(entry.file_name);
  if (fileName.endsWith(".whl")) {
    checkFits(entry.name, fileName);
  }
  return {
    key,
    name: entry.name,
    version: entry.version,
    channel: DEFAULT_CHANNEL,
    address: entry.file_name,
    fileName,
    sha256: entry.sha256,
    installDir: entry.install_dir,
    packageType: entry.package_type,
    depends: entry.depends,
  };
}

function fromAddress(address: string): PlannedPackage {
  const fileName = fileNameOf(address);
  const { project, version } = checkFits(fileName.split("-")[0]!, fileName);
  return {
    key: canonicalName(project),
    name: project,
    version,
    channel: address,
    address,
    fileName,
    // As the index writes it into its links.
    sha256: /#(?:.*&)?sha256=([0-9a-f]{64})/i.exec(address)?.[1]?.toLowerCase() ?? "",
    installDir: "site",
    packageType: "package",
    depends: [],
  };
}

function checkFits(name: string, fileName: string): { project: string; version: string } {
  const wheel = parseWheelName(fileName);
  if (wheel === undefined) {
    throw new Error(
      `Cannot load package '${name}': '${fileName}' is not the name of a wheel, NAME-VERSION-PYTHON-ABI-PLATFORM.whl`,
    );
  }
  const problem = misfit(wheel);
  if (problem !== undefined) {
    throw new Error(`Cannot load package '${name}': the wheel ${fileName} ${problem}.`);
  }
  return wheel;
}
