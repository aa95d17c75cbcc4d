/**
 * Makes pasted Python code fit a prompt that takes one line at a time: such a prompt ends a
 * block at a blank line and only there, so blank lines inside blocks go and missing ones come.
 */

/** A statement that continues the block before it. */
const CONTINUES = /^(?:elif|else|except|finally|case)\b/;

/** The state of the text between two lines: inside a string, inside brackets. */
class Nesting {
  #quote = "";
  #depth = 0;

  /** True where a line break does not end a statement. */
  get open(): boolean {
    return this.#quote !== "" || this.#depth > 0;
  }

  /** Takes in one line; a trailing backslash also keeps the statement open. */
  scan(line: string): boolean {
    const tokens = /\\[\s\S]|"""|'''|["'#()[\]{}]/g;
    for (let match = tokens.exec(line); match !== null; match = tokens.exec(line)) {
      const [token] = match;
      if (this.#quote !== "") {
        if (token === this.#quote) {
          this.#quote = "";
        } else if (this.#quote.length === 1 && token.length === 3 && token[0] === this.#quote) {
          // Three quotes inside a short string: the first one ends it.
          this.#quote = "";
          tokens.lastIndex = match.index + 1;
        }
      } else if (token === "#") {
        break;
      } else if (/^["']/.test(token)) {
        this.#quote = token;
      } else if ("([{".includes(token)) {
        this.#depth++;
      } else if (")]}".includes(token)) {
        this.#depth = Math.max(0, this.#depth - 1);
      }
    }
    const continued = line.endsWith("\\");
    if (this.#quote.length === 1 && !continued) {
      this.#quote = "";
    }
    return this.open || continued;
  }
}

/**
 * Splits pasted text into lines for the prompt. The last one is what follows the last newline.
 */
export function linesForPrompt(text: string): string[] {
  const nesting = new Nesting();
  const result: string[] = [];
  let insideStatement = false;
  let insideBlock = false;
  const lines = text.split("\n");
  const last = lines.pop()!;
  for (const line of lines) {
    if (insideStatement) {
      result.push(line);
    } else if (line.trim() === "") {
      continue;
    } else {
      const indented = /^[ \t]/.test(line);
      if (insideBlock && !indented && !CONTINUES.test(line)) {
        result.push("");
      }
      insideBlock = indented || opensBlock(line) || (insideBlock && CONTINUES.test(line));
      result.push(line);
    }
    insideStatement = nesting.scan(line);
  }
  if (insideBlock && !insideStatement && !/^[ \t]/.test(last) && !CONTINUES.test(last)) {
    result.push("");
  }
  return [...result, last];
}

/** True for a line at the margin after which an indented block follows. */
function opensBlock(line: string): boolean {
  return /^(?:async\b|class\b|def\b|for\b|if\b|match\b|try\b|while\b|with\b)/.test(line);
}
