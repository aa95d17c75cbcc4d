/**
 * What this program has of options that CPython's does not: `-X` options of its own, and the text
 * about them that follows CPython's help.
 */

import type { LoadOptions } from "../api/options";

export const OPTIONS_HELP = `
Options of Python in Node.js:
-X conversion=proxy: lists and tuples cross to JavaScript as proxies, not as copies
`;

/** The command line asks for what is not possible; the message says what is. */
export class UsageError extends Error {}

/** One option of the interpreter, with its argument if it takes one. */
interface Option {
  name: string;
  argument: string;
}

/** The options before the program's own words, which begin after `-c`, `-m`, or with a file. */
function interpreterOptions(args: readonly string[]): Option[] {
  const found: Option[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!word.startsWith("-") || word === "-" || word === "--") {
      break;
    }
    if (word.startsWith("--")) {
      found.push({ name: word, argument: "" });
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const name = word.charAt(at);
      if (name === "c" || name === "m") {
        return found;
      }
      const takesArgument = name === "W" || name === "X";
      const rest = word.slice(at + 1);
      found.push({ name, argument: takesArgument ? rest || (args[++i] ?? "") : "" });
      if (takesArgument) {
        break;
      }
    }
  }
  return found;
}

const HELP = new Set(["h", "?", "--help", "--help-all"]);

/** Whether the command line asks for help. */
export function asksForHelp(args: readonly string[]): boolean {
  return interpreterOptions(args).some(({ name }) => HELP.has(name));
}

/**
 * Options of `loadPyodide` that the command line asks for.
 * @throws UsageError for a value that an option of ours cannot have
 */
export function readOptions(args: readonly string[]): Pick<LoadOptions, "conversion"> {
  for (const { name, argument } of interpreterOptions(args)) {
    const [key, value] = argument.split("=");
    if (name === "X" && key === "conversion") {
      if (value !== "native" && value !== "proxy") {
        throw new UsageError(`-X conversion must be native or proxy, not '${value ?? ""}'`);
      }
      return { conversion: value };
    }
  }
  return {};
}
