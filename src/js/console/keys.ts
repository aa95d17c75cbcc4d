/**
 * Turns the character stream of a terminal into keys, typed text and pasted text.
 */

export type KeyName =
  | "enter"
  | "newline"
  | "tab"
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "up"
  | "down"
  | "home"
  | "end"
  | "word-left"
  | "word-right"
  | "kill-end"
  | "kill-start"
  | "kill-word"
  | "cancel"
  | "end-of-input"
  | "clear-screen";

export type Input =
  { kind: "key"; name: KeyName } | { kind: "text"; text: string } | { kind: "paste"; text: string };

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

const KEYS: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\x1b\r": "newline",
  "\x1b\n": "newline",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x01": "home",
  "\x02": "left",
  "\x03": "cancel",
  "\x04": "end-of-input",
  "\x05": "end",
  "\x06": "right",
  "\x0b": "kill-end",
  "\x0c": "clear-screen",
  "\x0e": "down",
  "\x10": "up",
  "\x15": "kill-start",
  "\x17": "kill-word",
  "\x1b[A": "up",
  "\x1b[B": "down",
  "\x1b[C": "right",
  "\x1b[D": "left",
  "\x1bOA": "up",
  "\x1bOB": "down",
  "\x1bOC": "right",
  "\x1bOD": "left",
  "\x1b[H": "home",
  "\x1b[F": "end",
  "\x1bOH": "home",
  "\x1bOF": "end",
  "\x1b[1~": "home",
  "\x1b[4~": "end",
  "\x1b[3~": "delete",
  "\x1b[1;5C": "word-right",
  "\x1b[1;5D": "word-left",
  "\x1b[1;3C": "word-right",
  "\x1b[1;3D": "word-left",
  "\x1bf": "word-right",
  "\x1bb": "word-left",
  "\x1b\x7f": "kill-word",
};

/** An escape sequence, or a single control character, or a run of ordinary text. */
const TOKEN =
  // eslint-disable-next-line no-control-regex
  /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO[A-Z]|\x1b[\s\S]?|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g;

/** Splits chunks of terminal data; a paste may span several of them. */
export class KeyReader {
  /** Text of a paste whose end has not arrived. */
  #paste: string | undefined;
  /** First half of a surrogate pair whose second half has not arrived. */
  #half = "";

  /** The inputs that `data` completes; unknown keys are dropped. */
  read(data: string): Input[] {
    const inputs: Input[] = [];
    let rest = this.#half + data;
    this.#half = /[\ud800-\udbff]$/.exec(rest)?.[0] ?? "";
    rest = rest.slice(0, rest.length - this.#half.length);
    while (rest !== "") {
      if (this.#paste !== undefined) {
        rest = this.#readPaste(rest, inputs);
        continue;
      }
      const start = rest.indexOf(PASTE_START);
      const typed = start < 0 ? rest : rest.slice(0, start);
      for (const [token] of typed.matchAll(TOKEN)) {
        const name = Object.hasOwn(KEYS, token) ? KEYS[token] : undefined;
        if (name !== undefined) {
          inputs.push({ kind: "key", name });
        } else if (token >= " ") {
          inputs.push({ kind: "text", text: token });
        }
      }
      rest = start < 0 ? "" : rest.slice(start + PASTE_START.length);
      this.#paste = start < 0 ? undefined : "";
    }
    return inputs;
  }

  #readPaste(data: string, inputs: Input[]): string {
    const all = this.#paste + data;
    const end = all.indexOf(PASTE_END);
    if (end < 0) {
      this.#paste = all;
      return "";
    }
    this.#paste = undefined;
    inputs.push({ kind: "paste", text: all.slice(0, end).replace(/\r\n?/g, "\n") });
    return all.slice(end + PASTE_END.length);
  }
}
