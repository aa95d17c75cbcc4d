/**
 * Makes JavaScript files small, and their source maps true again. Run with the files as arguments.
 */

import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { minify } from "terser";

/**
 * Names of functions and classes stay, for stack traces and messages show them; lines stay short, for
 * Node prints the line of an uncaught error.
 *
 * @param file - a script, or a module whose name ends with `.mjs`
 */
export async function shrink(file) {
  const map = `${file}.map`;
  const text = await readFile(file, "utf8");
  const oldMap = await readFile(map, "utf8").catch(() => undefined);
  // esbuild writes classes so; without this they would lose their names.
  const classes = [...text.matchAll(/^var (\w+) = class\b/gm)].map((match) => match[1]);
  const shrunk = await minify(text, {
    module: file.endsWith(".mjs"),
    ecma: 2022,
    // Every function stays a frame of its own.
    compress: { inline: false, reduce_funcs: false },
    mangle: { reserved: classes },
    keep_fnames: true,
    keep_classnames: true,
    format: {
      comments: /^!|@license|@preserve|webpackIgnore|@vite-ignore/,
      max_line_len: 500,
    },
    ...(oldMap && { sourceMap: { content: oldMap, url: basename(map) } }),
  });
  await writeFile(file, shrunk.code);
  if (oldMap) await writeFile(map, shrunk.map);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await Promise.all(process.argv.slice(2).map(shrink));
}
