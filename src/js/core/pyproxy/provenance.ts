/**
 * What debug mode knows of PyProxies: what object one stands for, where it was made, what it was
 * passed to, and where it was destroyed. Nothing in here is called while debug mode is off.
 */
import { SLOT_SIZE, Tag } from "../abi.gen";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode } from "../slots";
import { type Frame, framesOf, isBridgeFile, WASM } from "../stack_frames";
import { type Lifetime } from "./lifetime";
import { crossWords } from "./operations";

/** What is known of one life. */
interface Origin {
  /** Lines of a stack. */
  readonly made: readonly string[];
  /** The function and the argument that the proxy was made for. */
  argument: string | undefined;
}

/** One proxy of a leak report. */
export interface LiveProxy {
  /** Name of the Python type. */
  readonly type: string;
  /** Python's `repr(obj)`, or `"(repr failed)"`. */
  readonly repr: string;
  /**
   * Who ends its life: the end of the `"call"` that it is an argument of, whoever `"owned"` it or
   * the garbage collector, its first call (`"once"`), or the end of the proxy that it is an
   * `"attribute"` of.
   */
  readonly kind: "call" | "owned" | "once" | "attribute";
  /** Where it was made: a line for each frame of JavaScript and Python, innermost first. */
  readonly made: readonly string[];
}

const KINDS: Readonly<Record<ProxyKind, LiveProxy["kind"]>> = {
  [ProxyKind.Call]: "call",
  [ProxyKind.Owned]: "owned",
  [ProxyKind.Once]: "once",
  [ProxyKind.Attribute]: "attribute",
};

/** Frames of either language that a stack shows. */
const MAX_FRAMES = 8;
/** Frames that the engine is asked for: those of the bridge and of WebAssembly are many. */
const STACK_LIMIT = 200;
/** Lives of which some may be over; above this those are dropped. */
const SWEEP = 1024;

const origins = new WeakMap<Lifetime, Origin>();

/** Lives that began in debug mode, which a report must not keep from being collected. */
class Known {
  private readonly lives = new Set<WeakRef<Lifetime>>();
  private sweepAt = SWEEP;

  add(life: Lifetime): void {
    this.lives.add(new WeakRef(life));
    if (this.lives.size < this.sweepAt) return;
    this.live();
    this.sweepAt = Math.max(SWEEP, 2 * this.lives.size);
  }

  /** Those that are not over, in order of beginning. */
  live(): Lifetime[] {
    const live: Lifetime[] = [];
    for (const reference of this.lives) {
      const life = reference.deref();
      if (life === undefined || life.over) this.lives.delete(reference);
      else live.push(life);
    }
    return live;
  }
}

const known = new WeakMap<Runtime, Known>();

/** The frames of the running JavaScript code. */
function captureStack(): (Frame | typeof WASM)[] {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = STACK_LIMIT;
    return [...framesOf(new Error().stack ?? "")];
  } catch {
    // So near the end of the stack nothing more can be told.
    return [];
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Files of our Python packages that run the program's code. */
const INTERNAL_PYTHON = /[/\\]_pyodide[/\\]\w+\.py$/;

/** The running Python code, innermost first, as tracebacks write it. */
function pythonFrames(rt: Runtime): string[] {
  const lines: string[] = [];
  if (rt.fatal.poisoned) return lines;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(3 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  const owned = ProxyKind.Owned;
  try {
    for (let up = 0; lines.length < MAX_FRAMES; up++) {
      enter(rt, rt.exports.pyx_where, up, 0, frame, 2, out, null, null, null, null);
      heap.check();
      if (heap.u8[out] === Tag.ABSENT) break;
      const line = decode(rt, out, null, owned) as number;
      const file = decode(rt, frame, null, owned) as string;
      const name = decode(rt, frame + SLOT_SIZE, null, owned) as string;
      if (!INTERNAL_PYTHON.test(file)) lines.push(`File "${file}", line ${line}, in ${name}`);
    }
  } finally {
    heap.top = top;
  }
  return lines;
}

/** A file of the bridge, or what Emscripten has made of it. */
function isInternal(file: string): boolean {
  return isBridgeFile(file) || file.endsWith("pyodide.asm.mjs");
}

/**
 * The program's code that is running, innermost first. Where Python has called JavaScript its
 * frames come between JavaScript's: those above and those below the WebAssembly that ran it.
 */
function here(rt: Runtime): string[] {
  const lines: string[] = [];
  let python = false;
  for (const frame of captureStack()) {
    if (frame === WASM) {
      if (!python) lines.push(...pythonFrames(rt));
      python = true;
    } else if (!isInternal(frame.file)) {
      lines.push(`at ${frame.name} (${frame.file}:${frame.line})`);
    }
  }
  return lines.slice(0, MAX_FRAMES);
}

/** Note where a life begins. */
export function noteMade(life: Lifetime): void {
  const { rt } = life;
  origins.set(life, { made: here(rt), argument: undefined });
  let lives = known.get(rt);
  if (lives === undefined) known.set(rt, (lives = new Known()));
  lives.add(life);
}

function nameOf(func: unknown): string {
  try {
    const { name } = func as { name?: unknown };
    if (typeof name === "string" && name !== "") return `the JavaScript function "${name}"`;
  } catch {
    // A Proxy or a getter of the program refuses.
  }
  return "a JavaScript function without a name";
}

/**
 * Note what the proxies of a call's arguments are passed to.
 * @param labels for each life the argument that it belongs to
 */
export function noteArguments(
  func: unknown,
  lives: readonly (Lifetime | undefined)[],
  labels: readonly string[],
): void {
  const name = nameOf(func);
  lives.forEach((life, i) => {
    const origin = life && origins.get(life);
    if (origin !== undefined) origin.argument = `It was passed to ${name} as ${labels[i]}.`;
  });
}

/** The name of its object's type. */
const typeOf = (life: Lifetime): unknown =>
  crossWords(life, life.rt.exports.pyx_type_name, 0, 0, ProxyKind.Owned);

/** The repr of its object. Runs Python code, which may end lives. */
const reprOf = (life: Lifetime): string =>
  crossWords(life, life.rt.exports.pyx_str, 1, 0, ProxyKind.Owned) as string;

function section(event: string, lines: readonly string[]): string {
  return [`The proxy was ${event} here:`, ...lines.map((line) => `    ${line}`)].join("\n");
}

/** Where a proxy was made and is being destroyed; nothing of what nobody knows. */
function story(rt: Runtime, origin: Origin | undefined): string[] {
  const made = origin?.made ?? ["before debug mode was on"];
  const destroyed = here(rt);
  // What is borrowed for a call ends where it began.
  if (made.join() === destroyed.join()) {
    return made.length === 0 ? [] : [section("made and destroyed", made)];
  }
  const told = made.length === 0 ? [] : [section("made", made)];
  if (destroyed.length > 0) told.push(section("destroyed", destroyed));
  return told;
}

/**
 * What the error says to whoever uses a proxy whose life ends now, after its first line.
 * Runs Python code, for the repr.
 */
export function obituary(life: Lifetime): string {
  const object = `The object was of type "${typeOf(life) as string}" and `;
  let lines: string[];
  try {
    lines = [`${object}had repr "${reprOf(life)}"`];
  } catch {
    lines = [`${object}an error was raised when trying to generate its repr`];
  }
  const origin = origins.get(life);
  if (origin?.argument !== undefined) lines.push(origin.argument);
  return [...lines, ...story(life.rt, origin)].join("\n");
}

/**
 * The live proxies that were made in debug mode, oldest first. A proxy and its aliases (bind,
 * captureThis, asJsJson) are one.
 * @throws Error when the runtime has failed
 */
export function liveProxies(rt: Runtime): LiveProxy[] {
  const lives = known.get(rt)?.live() ?? [];
  const report: LiveProxy[] = [];
  for (const life of lives) {
    // Making a repr runs Python code, which may end other lives.
    if (life.over) continue;
    const type = typeOf(life) as string;
    let repr = "(repr failed)";
    try {
      repr = reprOf(life);
    } catch {
      // The report goes on.
    }
    report.push({ type, repr, kind: KINDS[life.kind], made: origins.get(life)!.made });
  }
  return report;
}
