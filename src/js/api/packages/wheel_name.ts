/**
 * What the name of a wheel's file says, and whether such a wheel runs here.
 */

import { abiVersion, pythonVersion } from "../layout";

/** The parts of `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl`. */
export interface WheelName {
  project: string;
  version: string;
  pythons: string[];
  abis: string[];
  platforms: string[];
}

const [MAJOR, MINOR] = pythonVersion.split(".") as [string, string];
const CPYTHON = `cp${MAJOR}${MINOR}`;
/** Platforms whose wheels run here; the second is how they were called earlier. */
const PLATFORMS = [
  "any",
  `pyemscripten_${abiVersion}_wasm32`,
  `pyodide_${abiVersion}_wasm32`,
] as const;

/** The last part of an address or path, decoded, without query and fragment. */
export function fileNameOf(address: string): string {
  const path = /^[a-z][a-z0-9+.-]+:/i.test(address) ? address.replace(/[?#].*$/s, "") : address;
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The parts of a wheel's file name, or undefined if it is not one. */
export function parseWheelName(fileName: string): WheelName | undefined {
  const parts = fileName.replace(/\.whl$/, "").split("-");
  if (!fileName.endsWith(".whl") || parts.length < 5 || parts.length > 6 || parts.includes("")) {
    return undefined;
  }
  const [pythons, abis, platforms] = parts.slice(-3).map((part) => part.split("."));
  return {
    project: parts[0]!,
    version: parts[1]!,
    pythons: pythons!,
    abis: abis!,
    platforms: platforms!,
  };
}

/** Why a wheel does not run here, as a phrase that follows its name; undefined if it does. */
export function misfit(wheel: WheelName): string | undefined {
  const platform = wheel.platforms.find((tag) => (PLATFORMS as readonly string[]).includes(tag));
  if (platform === undefined) {
    return `is for the platform ${wheel.platforms.join(", ")}, and this runtime loads wheels for ${PLATFORMS.slice(0, 2).join(" and ")}`;
  }
  const pair = wheel.pythons.some((python) => wheel.abis.some((abi) => fits(python, abi)));
  if (!pair) {
    return `is for Python ${wheel.pythons.join(", ")} with the ABI ${wheel.abis.join(", ")}, and this runtime is ${CPYTHON}`;
  }
  return undefined;
}

function fits(python: string, abi: string): boolean {
  const [, kind, major, minor] = /^(py|cp)(\d)(\d*)$/.exec(python) ?? [];
  if (major !== MAJOR || Number(minor || 0) > Number(MINOR)) {
    return false;
  }
  switch (abi) {
    case "none":
      return kind === "py" || minor === "" || minor === MINOR;
    case "abi3":
      return kind === "cp" && minor !== "";
    default:
      return abi === CPYTHON && python === CPYTHON;
  }
}
