/**
 * Builds the JavaScript files of the distribution: loaders, command line, type declarations, console page.
 * Run with --help for its options.
 */

import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generateDtsBundle } from "dts-bundle-generator";
import * as esbuild from "esbuild";
import { shrink } from "./shrink.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

const HELP = `Usage: node build.mjs --outdir DIR --version V [options]

Builds python, pyodide.mjs, pyodide.js, proxy/, workers.mjs, worker.mjs, the .d.ts files, package.json
and the console page.

  --outdir DIR      where the files go; made if missing
  --version V       product version, such as 0.30.0
  --python V        major.minor of the Python inside (default 3.13)
  --abi A           ABI of the wheels (default 2025_0)
  --library FILE    JSON file that says which parts of the Python library are apart (default: none)
  --dev             sources inside the source maps, nothing minified
  --no-types        leave out the .d.ts files (saves about 5 seconds)
  --help            show this text
`;

/** Around a CommonJS bundle: where there is no `module`, `loadPyodide` becomes a global. */
const CLASSIC_HEAD = `((module,isCommonJs)=>{`;
const CLASSIC_TAIL = `if(!isCommonJs)globalThis.loadPyodide=module.exports.loadPyodide;
})(...(typeof module==="object"&&module&&module.exports?[module,true]:[{exports:{}},false]));`;

/** Keeps imports of the main entry point as imports of the built file. */
const shareMain = (file) => ({
  name: "share-main",
  setup(build) {
    build.onResolve({ filter: /^\.\.\/pyodide$/ }, () => ({ path: file, external: true }));
  },
});
/** For what lies in a folder of its own. */
const SHARE_MAIN = shareMain("../pyodide.mjs");

function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      outdir: { type: "string" },
      version: { type: "string" },
      python: { type: "string", default: "3.13" },
      abi: { type: "string", default: "2025_0" },
      library: { type: "string" },
      dev: { type: "boolean", default: false },
      "no-types": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (!values.help && (values.outdir === undefined || values.version === undefined)) {
    throw new Error("--outdir and --version are required; see --help");
  }
  return values;
}

async function buildScripts(options) {
  const bundle = async (settings) => {
    await esbuild.build(settings);
    if (!options.dev) await shrink(settings.outfile);
  };
  const shared = {
    bundle: true,
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    sourcemap: options.dev ? "inline" : "linked",
    sourcesContent: options.dev,
    legalComments: "inline",
    logLevel: "warning",
    define: {
      BUILD_VERSION: JSON.stringify(options.version),
      BUILD_PYTHON: JSON.stringify(options.python),
      BUILD_ABI: JSON.stringify(options.abi),
      BUILD_LIBRARY: options.libraryIndex,
    },
  };
  const classic = {
    ...shared,
    format: "cjs",
    banner: { js: CLASSIC_HEAD },
    footer: { js: CLASSIC_TAIL },
  };
  const modular = { ...shared, format: "esm" };
  const from = (name) => join(HERE, name);
  const to = (name) => join(options.outdir, name);
  await Promise.all([
    bundle({ ...modular, entryPoints: [from("pyodide.ts")], outfile: to("pyodide.mjs") }),
    bundle({
      ...classic,
      entryPoints: [from("pyodide_classic.ts")],
      outfile: to("pyodide.js"),
    }),
    bundle({
      ...modular,
      plugins: [SHARE_MAIN],
      entryPoints: [from("proxy/pyodide.ts")],
      outfile: to("proxy/pyodide.mjs"),
    }),
    bundle({
      ...classic,
      plugins: [SHARE_MAIN],
      entryPoints: [from("proxy/pyodide_classic.ts")],
      outfile: to("proxy/pyodide.js"),
    }),
    ...["workers", "worker"].map((name) =>
      bundle({
        ...modular,
        plugins: [shareMain("./pyodide.mjs")],
        entryPoints: [from(`workers/${name}.ts`)],
        outfile: to(`${name}.mjs`),
      }),
    ),
    bundle({
      ...shared,
      format: "cjs",
      platform: "node",
      banner: { js: "#!/usr/bin/env node" },
      entryPoints: [from("program/python.ts")],
      outfile: to("python"),
    }),
    bundle({
      ...modular,
      plugins: [SHARE_MAIN],
      loader: { ".py": "text" },
      entryPoints: [from("console/page.ts")],
      outfile: to("console/console.mjs"),
    }),
  ]);
}

/** `Symbol.dispose` is in the declarations; they must stand alone in programs that know of none. */
const TYPES_HEAD = `/// <reference lib="esnext.disposable" />\n`;

async function buildTypes(options) {
  const entries = ["pyodide.ts", "ffi.ts", "workers/workers.ts"];
  const texts = generateDtsBundle(
    entries.map((name) => ({
      filePath: join(HERE, name),
      output: { noBanner: true, exportReferencedTypes: false },
    })),
    { preferredConfigPath: join(HERE, "tsconfig.json") },
  );
  await Promise.all(
    entries.map((name, i) =>
      writeFile(join(options.outdir, `${basename(name, ".ts")}.d.ts`), TYPES_HEAD + texts[i]),
    ),
  );
}

async function copyConsole(options) {
  const assets = [
    ["console/console.html", "console.html"],
    ["console/console.css", "console/console.css"],
    ["node_modules/@xterm/xterm/css/xterm.css", "console/xterm.css"],
    ["node_modules/@xterm/xterm/LICENSE", "console/xterm.LICENSE"],
  ];
  await Promise.all(
    assets.map(([from, to]) => copyFile(join(HERE, from), join(options.outdir, to))),
  );
}

async function writePackage(options) {
  const text = await readFile(join(HERE, "package.dist.json"), "utf8");
  const contents = { ...JSON.parse(text), version: options.version };
  await writeFile(join(options.outdir, "package.json"), `${JSON.stringify(contents, null, 2)}\n`);
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  options.outdir = resolve(options.outdir);
  options.libraryIndex = options.library
    ? await readFile(options.library, "utf8")
    : '{"modules":{},"extensions":{}}';
  await mkdir(join(options.outdir, "console"), { recursive: true });
  await Promise.all([buildScripts(options), copyConsole(options), writePackage(options)]);
  await chmod(join(options.outdir, "python"), 0o755);
  if (!options["no-types"]) {
    await buildTypes(options);
  }
}

main().catch((error) => {
  process.stderr.write(`build.mjs: ${error.message}\n`);
  process.exitCode = 1;
});
