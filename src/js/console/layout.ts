/**
 * Where the characters of an input line end up on a terminal that wraps, and the escape
 * sequences that draw and erase it.
 */

/** What is on the screen: prompt, line, and the part of the line before the cursor. */
export interface Shown {
  prompt: string;
  text: string;
  head: string;
}

interface Place {
  row: number;
  column: number;
}

const TAB = "    ";
/** East Asian characters that take two cells. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

function cellWidth(char: string): number {
  return ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}

const visible = (text: string): string => text.replaceAll("\t", TAB);

/** The place after `text`, written from the start of a row. */
export function placeAfter(text: string, columns: number): Place {
  let row = 0;
  let column = 0;
  for (const char of visible(text)) {
    const width = cellWidth(char);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
  }
  return column === columns ? { row: row + 1, column: 0 } : { row, column };
}

/** Sequence that erases what `drawLine` drew and leaves the cursor where it began. */
export function eraseLine(shown: Shown, columns: number): string {
  const { row } = placeAfter(shown.prompt + shown.head, columns);
  return `${row > 0 ? `\x1b[${row}A` : ""}\r\x1b[J`;
}

/**
 * Sequence that draws prompt and line from the start of a row and puts the cursor in place.
 * @param style - escape sequence for the prompt's colour
 */
export function drawLine(shown: Shown, columns: number, style: string): string {
  const end = placeAfter(shown.prompt + shown.text, columns);
  const cursor = placeAfter(shown.prompt + shown.head, columns);
  let output = `${style}${shown.prompt}\x1b[0m${visible(shown.text)}`;
  if (end.column === 0 && end.row > 0) {
    // A terminal stays in the last column until the next character; this makes it wrap.
    output += "\r\n";
  }
  if (end.row > cursor.row) {
    output += `\x1b[${end.row - cursor.row}A`;
  }
  output += "\r";
  return cursor.column > 0 ? `${output}\x1b[${cursor.column}C` : output;
}

/** Words in columns, as wide as the terminal allows; each row ends with a newline. */
export function listInColumns(words: readonly string[], columns: number): string {
  const width = Math.max(...words.map((word) => placeAfter(word, Infinity).column)) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(words.length / perRow);
  let output = "";
  for (let row = 0; row < rows; row++) {
    const cells = [];
    for (let at = row; at < words.length; at += rows) {
      const word = words[at]!;
      cells.push(word + " ".repeat(width - placeAfter(word, Infinity).column));
    }
    output += `${cells.join("").trimEnd()}\n`;
  }
  return output;
}
