/** Runs the program of the page in a worker, and draws a picture with a pool of them. */
import {
  PythonError,
  release,
  startPool,
  startWorker,
} from "../../dist/workers.mjs";

const element = (id) => document.getElementById(id);
const [code, output, ask, answer, progress] = [
  "code",
  "output",
  "ask",
  "answer",
  "progress",
].map(element);

code.value = `\
name = input("What is your name? ")
print("Hello", name)

total = 0
for step in range(5):
    for i in range(300_000):
        total += i * i
    print("step", step, total)

# \`colour\` is a function of the page.
await colour("#eef6e8")
`;

const show = (text) => {
  output.textContent += text;
  output.scrollTop = output.scrollHeight;
};

/** Asks in the page; Python waits, the page does not. */
function ask_user() {
  ask.hidden = false;
  answer.value = "";
  answer.focus();
  return new Promise((resolve) => {
    ask.onsubmit = (event) => {
      event.preventDefault();
      ask.hidden = true;
      show(`${answer.value}\n`);
      resolve(answer.value);
    };
  });
}

function showProgress({ loaded, total }) {
  if (total !== undefined) progress.value = loaded / total;
}

async function startProgram() {
  const worker = await startWorker({
    stdin: ask_user,
    stdout: show,
    stderr: show,
    onProgress: showProgress,
  });
  progress.hidden = true;
  await worker.globals.set("colour", (value) => {
    output.style.background = value;
  });
  element("run").disabled = false;
  element("run").onclick = async () => {
    output.textContent = "";
    element("run").disabled = true;
    element("stop").disabled = false;
    try {
      release(await worker.run(code.value));
      show("— done —\n");
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      show(error.message);
    } finally {
      ask.hidden = true;
      element("run").disabled = false;
      element("stop").disabled = true;
    }
  };
  element("stop").onclick = () => worker.interrupt();
}

const SETUP = `
def row(job):
    width, y = job.width, job.y
    pixels = bytearray(4 * width)
    for x in range(width):
        c = complex(-2.2 + 3 * x / width, y)
        z, n = c, 0
        while abs(z) < 2 and n < 60:
            z, n = z * z + c, n + 1
        pixels[4 * x:4 * x + 4] = bytes((4 * n, n * n // 15, 255 - 4 * n, 255)) if n < 60 else b"\\0\\0\\0\\xff"
    return pixels
`;

async function draw() {
  const { width, height } = element("picture");
  const context = element("picture").getContext("2d");
  element("state").textContent = "starting workers …";
  const pool = await startPool({ size: 2, setup: SETUP });
  element("state").textContent = `${pool.size} workers calculate …`;
  const jobs = Array.from({ length: height }, (_, i) => ({
    width,
    y: 1.15 - (2.3 * i) / height,
  }));
  const rows = await pool.map("row", jobs);
  rows.forEach((row, i) => {
    const pixels = new Uint8ClampedArray(row.buffer);
    context.putImageData(new ImageData(pixels, width, 1), 0, i);
  });
  pool.terminate();
  element("state").textContent = "drawn";
}
element("draw").onclick = draw;

/** Settles when the program can be run; for tests. */
globalThis.started = startProgram();
