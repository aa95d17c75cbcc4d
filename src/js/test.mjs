/**
 * Runs the TypeScript unit tests in tests/js with node:test. Run with --help for its options.
 */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const TESTS = resolve(dirname(fileURLToPath(import.meta.url)), "../../tests/js");

const HELP = `Usage: node test.mjs [NAME ...]

Bundles the tests/js/**/*.test.ts files and runs them with node:test.
NAME selects the files whose name contains it; without one all run.
`;

/** Test files below the tests folder whose name contains one of the words. */
async function findTests(words) {
  const entries = await readdir(TESTS, { recursive: true });
  const files = entries.filter((name) => name.endsWith(".test.ts")).sort();
  return words.length === 0
    ? files
    : files.filter((name) => words.some((word) => name.includes(basename(word, ".test.ts"))));
}

async function main() {
  const words = process.argv.slice(2);
  if (words.includes("--help")) {
    process.stdout.write(HELP);
    return 0;
  }
  const tests = await findTests(words);
  if (tests.length === 0) {
    process.stderr.write(`test.mjs: no test file matches ${words.join(" ") || TESTS}\n`);
    return 1;
  }
  const outdir = await mkdtemp(join(tmpdir(), "js-tests-"));
  try {
    await esbuild.build({
      entryPoints: tests.map((name) => join(TESTS, name)),
      outbase: TESTS,
      outdir,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      logLevel: "warning",
      define: {
        BUILD_VERSION: '"0.0.0-test"',
        BUILD_PYTHON: '"3.13"',
        BUILD_ABI: '"2025_0"',
        BUILD_LIBRARY: '{"modules":{},"extensions":{}}',
      },
    });
    const files = tests.map((name) => join(outdir, name.replace(/\.ts$/, ".mjs")));
    const node = spawn(
      process.execPath,
      ["--enable-source-maps", "--test", "--test-reporter=spec", ...files],
      {
        stdio: "inherit",
      },
    );
    return await new Promise((done) => node.on("exit", (code) => done(code ?? 1)));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
