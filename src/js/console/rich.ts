/**
 * Showing values in the terminal as what they are: HTML, pictures, elements of the page.
 */

import type { Terminal } from "@xterm/xterm";

/** How a value describes itself, by MIME type; an element of the page has none. */
export type Rich =
  | { type: "text/html" | "image/svg+xml"; data: string }
  | { type: "image/png" | "image/jpeg"; data: Uint8Array }
  | { type: "element"; data: Element };

/** Higher things scroll in a frame of this many rows. */
const MAX_ROWS = 24;

function pictureAddress(type: string, bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return `data:${type};base64,${btoa(text)}`;
}

/** An element that shows the value. */
function elementOf(rich: Rich): Element {
  if (rich.type === "element") {
    return rich.data;
  }
  if (typeof rich.data === "string") {
    const box = document.createElement("div");
    // Scripts in it do not run; the page's policy forbids other code.
    box.innerHTML = rich.data;
    return box;
  }
  const image = document.createElement("img");
  image.alt = "picture";
  image.src = pictureAddress(rich.type, rich.data);
  const [width, height] = rich.type === "image/png" ? pngSize(rich.data) : [320, 240];
  image.width = width;
  image.height = height;
  return image;
}

/** Width and height in pixels, which a PNG says at a fixed place (W3C, PNG, "IHDR"). */
function pngSize(bytes: Uint8Array): [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.byteLength < 24 ? [0, 0] : [view.getUint32(16), view.getUint32(20)];
}

/** Height of a row of the terminal in pixels. */
function rowHeight(terminal: Terminal): number {
  const screen = terminal.element?.querySelector(".xterm-screen");
  return (screen?.getBoundingClientRect().height ?? 0) / terminal.rows || 16;
}

/**
 * Shows a value below what has been written.
 *
 * @param terminal - the terminal
 * @param rich - the value
 * @param output - writes text as the program does
 */
export function showRich(terminal: Terminal, rich: Rich, output: (text: string) => void): void {
  const frame = document.createElement("div");
  frame.className = "rich";
  frame.append(elementOf(rich));
  // Laid out once in the page, so that its height is known.
  terminal.element?.append(frame);
  const row = rowHeight(terminal);
  const rows = Math.min(MAX_ROWS, Math.max(1, Math.ceil(frame.offsetHeight / row)));
  frame.remove();
  frame.style.maxHeight = `${MAX_ROWS * row}px`;
  // Text is taken in turn: when this callback runs the cursor is where the value belongs.
  terminal.write("", () => {
    const marker = terminal.registerMarker(0);
    const decoration = terminal.registerDecoration({
      marker,
      width: terminal.cols,
      height: rows,
    });
    decoration?.onRender((place) => {
      if (frame.parentElement !== place) place.replaceChildren(frame);
    });
  });
  output("\n".repeat(rows));
}
