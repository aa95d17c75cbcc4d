/** Measures rows of rows.mjs, in Node and in pages: warms them all up, then takes the best of many short samples of each. */

/**
 * How many samples the best is taken from, and how long each runs: about as long as a busy system leaves a process the
 * processor, so that the best has had it to itself. Of operations that are longer than a sample there are fewer.
 */
const SAMPLES = 50;
const FEWEST_SAMPLES = 5;

/** Times of one run of `body(n)`, in nanoseconds. */
function time(body, n) {
  const start = performance.now();
  body(n);
  return (performance.now() - start) * 1e6;
}

/**
 * Runs the row until engines have had the time to optimise it, and gives the number of operations that a sample needs.
 * WebAssembly is first compiled quickly and badly; the better code comes from a background thread, later.
 */
function warmUp({ run }, seconds) {
  let n = 1;
  const end = performance.now() + seconds * 1000;
  do {
    const took = time(run, n) / 1e9;
    n = took < seconds / SAMPLES / 2 ? n * 2 : n;
  } while (performance.now() < end);
  return n;
}

/**
 * Nanoseconds of one operation: the best of several samples, each long enough for the clock, less the best of the empty
 * loop. The best is what the code can do; what else the machine does only ever adds. run.py takes medians over processes.
 */
function measure({ run, baseline }, n, seconds) {
  const best = (body) => {
    let least = Infinity;
    const end = performance.now() + seconds * 1500;
    for (let i = 0; i < SAMPLES && (i < FEWEST_SAMPLES || performance.now() < end); i++) {
      least = Math.min(least, time(body, n));
    }
    return least;
  };
  return (best(run) - best(baseline)) / n;
}

/** Whether a row was asked for: by its name, or by the beginning of its name with an asterisk; no list asks for all. */
function isWanted(id, only) {
  const matches = (name) => (name.endsWith("*") ? id.startsWith(name.slice(0, -1)) : id === name);
  return !only || only.split(",").some(matches);
}

/** Whether the operation of a row gives the right result here. */
function works(row) {
  try {
    row.check();
    return true;
  } catch {
    return false;
  }
}

/**
 * Nanoseconds by the name of the row. `partial` leaves out the rows that a runtime without the operation cannot do;
 * otherwise a row with a wrong result is an error.
 */
export function measureRows(rows, { seconds, only, partial = false }) {
  let chosen = rows.filter((row) => isWanted(row.id, only));
  if (partial) {
    chosen = chosen.filter(works);
  } else {
    chosen.forEach((row) => row.check());
  }
  const sizes = chosen.map((row) => warmUp(row, seconds));
  const results = {};
  chosen.forEach((row, i) => {
    results[row.id] = measure(row, sizes[i], seconds);
    row.finish?.();
  });
  return results;
}
