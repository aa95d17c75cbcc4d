/**
 * The error that every failing start-up step throws: which file, what is wrong with it, what to do.
 */

/** A file of the distribution could not be read, or is not what its name says. */
export class RuntimeFileError extends Error {
  /** Address or path of the file. */
  readonly file: string;
  /** What is wrong, as a phrase that follows the file's name. */
  readonly problem: string;

  /**
   * @param file - address or path of the file
   * @param problem - what is wrong, as a phrase that follows the file's name
   * @param advice - what the user can do about it
   * @param cause - the error that revealed the problem, if any
   */
  constructor(file: string, problem: string, advice: string, cause?: unknown) {
    super(
      `Cannot start the Python runtime: ${file} ${problem}. ${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "RuntimeFileError";
    this.file = file;
    this.problem = problem;
  }
}

/** Text of any thrown value, for use inside another message. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const ADVICE_INDEX_URL =
  "Check that `indexURL` names the folder that holds all files of the distribution.";
export const ADVICE_COPY_AGAIN =
  "Copy or download the distribution again; all its files must be of the same build.";
