/** Pictures between canvases and numpy: filters of a picture, and an animation that numpy calculates. */
import { loadPyodide } from "../../dist/pyodide.mjs";

const element = (id) => document.getElementById(id);
const picture = element("picture").getContext("2d", { willReadFrequently: true });
const waves = element("waves").getContext("2d");
const { width, height } = element("picture");

/** A picture to begin with. */
function reset() {
  const sky = picture.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#2060c0");
  sky.addColorStop(1, "#f0d0a0");
  picture.fillStyle = sky;
  picture.fillRect(0, 0, width, height);
  picture.fillStyle = "#fff";
  picture.fillRect(0, 0, 20, 20);
  picture.fillStyle = "#d04020";
  picture.beginPath();
  picture.arc(160, 120, 60, 0, 2 * Math.PI);
  picture.fill();
}

reset();
const [python, source] = await Promise.all([
  loadPyodide({ packages: ["numpy"] }),
  fetch("filters.py").then((response) => response.text()),
]);
python.FS.writeFile("filters.py", source);
const filters = python.pyimport("filters");
// For the page's own console.
globalThis.python = python;

for (const button of document.querySelectorAll("button[value]")) {
  button.onclick = () => {
    const start = performance.now();
    filters.apply(button.value, picture);
    element("state").textContent =
      `${button.value}: ${(performance.now() - start).toFixed(0)} ms`;
  };
}
element("reset").onclick = reset;
element("file").onchange = async ({ target }) => {
  const image = await createImageBitmap(target.files[0]);
  picture.drawImage(image, 0, 0, width, height);
};

const frames = filters.Waves(width, height);
// The array's own memory. It is lent until it is released: Python cannot free it meanwhile, and
// `data` is read anew for each frame, because it moves when WebAssembly's memory grows.
const memory = frames.pixels.getBuffer("u8clamped");
let running = false;

function draw(time) {
  if (!running) {
    return;
  }
  frames.step(time / 1000);
  waves.putImageData(new ImageData(memory.data, width, height), 0, 0);
  requestAnimationFrame(draw);
}

element("animate").onclick = () => {
  running = !running;
  element("animate").textContent = running ? "Stop" : "Waves";
  requestAnimationFrame(draw);
};

for (const button of document.querySelectorAll("button")) {
  button.disabled = false;
}
element("state").textContent = "ready";
