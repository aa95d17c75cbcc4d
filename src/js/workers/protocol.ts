/**
 * What travels between a page and its worker: requests through Comlink, and events, which are plain
 * messages of the same port, so that output, requests and results arrive in the order of sending.
 */

import type { LoadProgress } from "../api/progress";

/** Number of an object that one side keeps for the other. */
export type Id = number;

/** The object that a page asks first: the worker's interpreter. */
export const ROOT: Id = 0;

/** Names of attributes, from an object to one that it leads to. */
export type Path = readonly string[];

/** Whose object a reference means: one that the sender keeps, or one that the receiver keeps. */
export type Owner = "sender" | "receiver";

/** A value, and the places in it where objects stand that are kept and not copied. */
export interface Packed {
  value: unknown;
  /** Each place holds an object that structured cloning gives in both fields. */
  places?: [place: object, owner: Owner, id: Id][];
}

/** An error, for there are errors that structured cloning loses. */
export interface PackedError {
  name: string;
  message: string;
  stack: string | undefined;
  /** Name of the exception's type, of an error that Python raised. */
  type: string | undefined;
}

/** How a request has ended. */
export type Outcome = { result: Packed } | { error: PackedError };

/** Options of `loadPyodide` that the worker gets, and what else it has to know. */
export interface StartRequest {
  load: Record<string, unknown>;
  /** Whether the page answers when Python reads its standard input. */
  answersInput: boolean;
  /** Memory that both sides see, where there is such. */
  signals: SharedArrayBuffer | undefined;
  input: SharedArrayBuffer | undefined;
  watchProgress: boolean;
}

/** What the worker offers to the page. */
export interface WorkerService {
  start(request: StartRequest): Promise<Outcome>;
  get(id: Id, path: Path): Promise<Outcome>;
  set(id: Id, path: Path, value: Packed): Promise<Outcome>;
  /** `byValue`: the result is copied, Python objects in it as their `toJs()` does. */
  call(id: Id, path: Path, args: Packed, byValue: boolean): Promise<Outcome>;
  /** Gives a reference to an iterator. */
  iterate(id: Id, path: Path): Promise<Outcome>;
  /** Gives `[done, value]`. */
  next(iterator: Id): Promise<Outcome>;
  release(ids: readonly Id[]): Promise<void>;
  /** How many objects the worker keeps for the page. */
  count(): Promise<number>;
}

/** What the page offers to the worker. */
export interface PageService {
  call(id: Id, args: Packed): Promise<Outcome>;
  release(ids: readonly Id[]): Promise<void>;
  /** A line of input, or null at its end. */
  input(prompt: string): Promise<Outcome>;
}

/** Messages of the worker that nobody answers. */
export type WorkerEvent =
  | { event: "alive"; lock: string | undefined }
  | { event: "output"; stream: "stdout" | "stderr"; text: string }
  | { event: "progress"; progress: LoadProgress }
  | { event: "input"; turn: number; prompt: string }
  | { event: "closing" };

/** Messages of the page that nobody answers. */
export type PageEvent = { event: "signal"; signal: number };

/** True for a message that is an event. */
export function isEvent(message: unknown): message is WorkerEvent | PageEvent {
  return typeof message === "object" && message !== null && "event" in message;
}
