/**
 * Where the characters of the input end up on a terminal that wraps, and the escape sequences that
 * draw and erase it.
 */

/** What is to be drawn: the input, and the part of it before the cursor. */
export interface Block {
  text: string;
  head: string;
}

/** How it is drawn: prompts of the first line and of the others, with their colour. */
export interface Look {
  prompt: string;
  continuation: string;
  /** Escape sequence before each prompt. */
  style: string;
}

/** Size of the terminal in cells. */
export interface Size {
  columns: number;
  rows: number;
}

/** A drawn block. */
export interface Drawing {
  /** What to write at the start of a row. */
  output: string;
  /** Rows between the first one drawn and the cursor's. */
  above: number;
}

/** A row of the screen; only the first one of a line has a prompt. */
interface Row {
  prompt: string;
  text: string;
}

const TAB = "    ";
const RESET = "\x1b[0m";
/** East Asian characters that take two cells. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/g;

function cellWidth(char: string): number {
  return ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}

function textWidth(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + cellWidth(char), 0);
}

/** A line as it is shown: pasted control characters must not reach the terminal. */
function visible(line: string): string {
  return line.replaceAll("\t", TAB).replace(CONTROL, (char) => {
    const code = char.charCodeAt(0);
    // Unicode's pictures of control characters.
    return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
  });
}

/** The rows that a line takes. A row may be full; where the next character goes is below then. */
function rowsOfLine(prompt: string, line: string, columns: number): Row[] {
  const rows = [{ prompt, text: "" }];
  let row = rows[0]!;
  let column = textWidth(prompt);
  for (const char of visible(line)) {
    const width = cellWidth(char);
    if (column + width > columns) {
      row = { prompt: "", text: "" };
      rows.push(row);
      column = 0;
    }
    row.text += char;
    column += width;
  }
  return rows;
}

function rowsOf(text: string, look: Look, columns: number): Row[] {
  return text
    .split("\n")
    .flatMap((line, i) => rowsOfLine(i === 0 ? look.prompt : look.continuation, line, columns));
}

const rowWidth = (row: Row): number => textWidth(row.prompt + row.text);

/** All rows of a block and the cursor's place in them. */
function layOut(block: Block, look: Look, columns: number) {
  const rows = rowsOf(block.text, look, columns);
  const before = rowsOf(block.head, look, columns);
  let row = before.length - 1;
  let column = rowWidth(before[row]!);
  if (column === columns) {
    row++;
    column = 0;
    // At the end of a full line the cursor needs a row of its own.
    if (rows[row] === undefined || rows[row]!.prompt !== "") {
      rows.splice(row, 0, { prompt: "", text: "" });
    }
  }
  return { rows, row, column };
}

/**
 * Draws a block with its prompts and puts the cursor in place. Of one that is higher than the
 * terminal those rows are drawn that fit, with the cursor's in their middle.
 */
export function drawBlock(block: Block, look: Look, size: Size): Drawing {
  const { rows, row, column } = layOut(block, look, size.columns);
  const half = Math.floor(size.rows / 2);
  const first = Math.max(0, Math.min(row - half, rows.length - size.rows));
  const drawn = rows.slice(first, first + size.rows);
  let output = "";
  drawn.forEach(({ prompt, text }, i) => {
    // A full row goes on below by itself, and is one line when it is copied; an empty one does not.
    if (i > 0 && (prompt !== "" || text === "")) {
      output += "\r\n";
    }
    output += prompt === "" ? text : `${look.style}${prompt}${RESET}${text}`;
  });
  const above = row - first;
  const below = drawn.length - 1 - above;
  output += `${below > 0 ? `\x1b[${below}A` : ""}\r${column > 0 ? `\x1b[${column}C` : ""}`;
  return { output, above };
}

/** Sequence that erases a drawing and leaves the cursor where it began. */
export function eraseDrawing({ above }: Drawing): string {
  return `${above > 0 ? `\x1b[${above}A` : ""}\r\x1b[J`;
}

/** Words in columns, as wide as the terminal allows; each row ends with a newline. */
export function listInColumns(words: readonly string[], columns: number): string {
  const width = Math.max(...words.map(textWidth)) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(words.length / perRow);
  let output = "";
  for (let row = 0; row < rows; row++) {
    const cells = [];
    for (let at = row; at < words.length; at += rows) {
      const word = words[at]!;
      cells.push(word + " ".repeat(width - textWidth(word)));
    }
    output += `${cells.join("").trimEnd()}\n`;
  }
  return output;
}
