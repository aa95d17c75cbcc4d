/**
 * The lock file: which packages the distribution has, and where their files are. Its format is
 * that of the Python package `pyodide-lock`.
 */

import { describeError } from "../../host/errors";
import { abiVersion, pythonVersion } from "../layout";

/** What a lock file was made for. */
export interface LockfileInfo {
  /** Machine: `wasm32`. */
  arch: string;
  /** Operating system of the wheels, such as `emscripten_4_0_9`. */
  platform: string;
  /** Version of Python, such as `3.13.5`. */
  python: string;
  /** Version of the binary interface of the wheels, such as `2025_0`. */
  abi_version?: string;
  /** Version of the distribution. */
  version?: string;
}

/** One package of a lock file. */
export interface LockfilePackage {
  name: string;
  version: string;
  /** Address of its file; a relative one is below the base address of the packages. */
  file_name: string;
  /** Where it is unpacked: `site` (with other packages), `stdlib`, or `dynlib` for libraries. */
  install_dir: string;
  /** Hexadecimal digest of the file; empty if it is not known. */
  sha256: string;
  package_type: string;
  /** Names of the modules that it provides. */
  imports: string[];
  /** Names of the packages that it needs. */
  depends: string[];
  [name: string]: unknown;
}

/** The lock file. */
export interface Lockfile {
  info: LockfileInfo;
  /** Packages by their names as the index writes them. */
  packages: Record<string, LockfilePackage>;
  [name: string]: unknown;
}

const ADVICE = "Use the lock file of this version of the distribution.";

/** A project's name as the index writes it: lower case, words joined by single hyphens. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/**
 * Reads and checks a lock file.
 *
 * @param contents - its text, or the object that it describes
 * @param source - what to call it in errors: its address or the option's name
 * @throws TypeError if it is neither text nor an object
 * @throws Error if it is damaged, or was made for another version of Python or of the wheels
 */
export function parseLockfile(contents: unknown, source: string): Lockfile {
  const parsed = typeof contents === "string" ? parseText(contents, source) : contents;
  if (!isRecord(parsed)) {
    throw new TypeError(`${source} must be an object or the JSON text of one`);
  }
  const { info, packages } = parsed;
  if (!isRecord(info) || !isRecord(packages)) {
    throw new Error(`${source} is no lock file: it has no 'info' or no 'packages'. ${ADVICE}`);
  }
  checkInfo(info, source);
  const checked: Record<string, LockfilePackage> = {};
  for (const [key, entry] of Object.entries(packages)) {
    checked[canonicalName(key)] = checkPackage(key, entry, source);
  }
  return { ...parsed, info: info as unknown as LockfileInfo, packages: checked };
}

function parseText(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${source} is not valid JSON: ${describeError(error)}`, { cause: error });
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkInfo(info: Record<string, unknown>, source: string): void {
  const python = info["python"];
  const minor = typeof python === "string" ? /^\d+\.\d+/.exec(python)?.[0] : undefined;
  if (minor !== pythonVersion) {
    throw new Error(
      `${source} is for Python ${String(python)}, and this is Python ${pythonVersion}. ${ADVICE}`,
    );
  }
  const abi = info["abi_version"];
  if (abi !== undefined && abi !== null && abi !== abiVersion) {
    throw new Error(
      `${source} is for wheels of the ABI ${String(abi)}, and this runtime loads ${abiVersion}. ${ADVICE}`,
    );
  }
}

function checkPackage(key: string, entry: unknown, source: string): LockfilePackage {
  if (!isRecord(entry)) {
    throw new Error(`${source} is damaged: package '${key}' is no object. ${ADVICE}`);
  }
  const full: Record<string, unknown> = {
    name: key,
    install_dir: "site",
    sha256: "",
    package_type: "package",
    imports: [],
    depends: [],
    ...entry,
  };
  full["sha256"] ??= "";
  const wrong = [
    ...["name", "version", "file_name", "install_dir", "sha256", "package_type"].filter(
      (field) => typeof full[field] !== "string",
    ),
    ...["imports", "depends"].filter((field) => !isTexts(full[field])),
  ];
  if (wrong.length > 0) {
    const fields = wrong.map((field) => `'${field}'`).join(", ");
    throw new Error(
      `${source} is damaged: package '${key}' has no ${fields} of the right type. ${ADVICE}`,
    );
  }
  return full as LockfilePackage;
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
