/**
 * The error of a package that cannot be loaded.
 */

/** A package could not be downloaded or installed; what was loaded before is as it was. */
export class PackageError extends Error {
  /** Name of the package. */
  readonly package: string;

  /**
   * @param name - name of the package
   * @param problem - what is wrong, as a sentence without its full stop
   * @param cause - the error that revealed the problem, if any
   */
  constructor(name: string, problem: string, cause?: unknown) {
    super(
      `Cannot load package '${name}': ${problem}.`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "PackageError";
    this.package = name;
  }
}
