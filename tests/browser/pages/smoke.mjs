/** Functions for tests of what crosses; in a file of their own, so that tracebacks have something to name. */
export function outer(callback) {
  return inner(callback);
}

function inner(callback) {
  return callback();
}

export function fail() {
  throw new RangeError("from JavaScript");
}

export function* count(limit) {
  for (let i = 0; i < limit; i++) {
    yield i;
  }
  return "counted";
}

export async function later(value) {
  await null;
  return value;
}

export async function refuse() {
  await null;
  throw new TypeError("refused");
}
