/**
 * Cheap checks that downloaded bytes are the kind of file that they should be, and complete.
 */

import { ADVICE_COPY_AGAIN, ADVICE_INDEX_URL, RuntimeFileError } from "./errors";

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
const ZIP_LOCAL_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const ZIP_END_MAGIC = [0x50, 0x4b, 0x05, 0x06];
/** Size of the zip end record without its comment. */
const ZIP_END_SIZE = 22;
const ZIP_MAX_COMMENT = 0xffff;

/** Whether bytes begin with a magic number. */
export function hasMagic(bytes: Uint8Array, magic: readonly number[], offset = 0): boolean {
  return magic.every((byte, i) => bytes[offset + i] === byte);
}

/** A phrase for what the bytes look like, to make a wrong file recognisable. */
function lookOf(bytes: Uint8Array): string {
  if (bytes.length === 0) {
    return "is empty";
  }
  const start = Array.from(bytes.subarray(0, 16), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
  return `starts with "${start}"`;
}

/**
 * Throws unless `bytes` begin as a WebAssembly module.
 * @throws RuntimeFileError naming `file`
 */
export function verifyWasm(bytes: Uint8Array, file: string): void {
  if (!hasMagic(bytes, WASM_MAGIC)) {
    const problem = `is not a WebAssembly file: it ${lookOf(bytes)}`;
    throw new RuntimeFileError(file, problem, ADVICE_INDEX_URL);
  }
}

/**
 * Throws unless `bytes` are a zip archive whose end record is there and agrees with its size.
 * @throws RuntimeFileError naming `file`
 */
export function verifyZip(bytes: Uint8Array, file: string): void {
  if (!hasMagic(bytes, ZIP_LOCAL_MAGIC)) {
    const problem = `is not a zip archive: it ${lookOf(bytes)}`;
    throw new RuntimeFileError(file, problem, ADVICE_INDEX_URL);
  }
  if (findZipEnd(bytes) < 0) {
    const problem = `is truncated or damaged: the end of the zip archive is missing (${bytes.length} bytes)`;
    throw new RuntimeFileError(file, problem, ADVICE_COPY_AGAIN);
  }
}

/** The comment of a zip archive. */
export function zipComment(bytes: Uint8Array): Uint8Array {
  const end = findZipEnd(bytes);
  return end < 0 ? bytes.subarray(0, 0) : bytes.subarray(end + ZIP_END_SIZE);
}

/** Offset of a plausible end record, or -1. */
function findZipEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - ZIP_END_SIZE;
  for (let at = last; at >= Math.max(0, last - ZIP_MAX_COMMENT); at--) {
    if (!hasMagic(bytes, ZIP_END_MAGIC, at)) {
      continue;
    }
    const commentLength = view.getUint16(at + 20, true);
    const directorySize = view.getUint32(at + 12, true);
    const directoryStart = view.getUint32(at + 16, true);
    if (
      at + ZIP_END_SIZE + commentLength === bytes.length &&
      directoryStart + directorySize <= at
    ) {
      return at;
    }
  }
  return -1;
}
