/** Reading files of the distribution: what is missing or broken is named. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { RuntimeFileError } from "../../../src/js/host/errors";
import type { Host } from "../../../src/js/host/host";
import { createNodeHost } from "../../../src/js/host/node";
import { verifyZip } from "../../../src/js/host/verify";
import { createWebHost } from "../../../src/js/host/web";

/** The smallest module, and one whose code section is cut off. */
const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const CUT_WASM = new Uint8Array([...WASM, 10, 50, 1]);

/** An archive without entries' contents: one local magic, an empty directory, the end record. */
function tinyZip(comment = ""): Uint8Array {
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0];
  const text = new TextEncoder().encode(comment);
  return new Uint8Array([0x50, 0x4b, 3, 4, ...end, text.length, 0, ...text]);
}

let server: Server;
let origin: string;
let folder: string;
let node: Host;
const web = createWebHost("worker");

before(async () => {
  server = createServer((request, response) => {
    const answer = (type: string, body: Uint8Array | string) =>
      response.writeHead(200, { "content-type": type, "content-length": body.length }).end(body);
    switch (request.url) {
      case "/good.wasm":
        return answer("application/wasm", WASM);
      case "/plain.wasm":
        return answer("application/octet-stream", WASM);
      case "/cut.wasm":
        return answer("application/wasm; charset=x", CUT_WASM);
      case "/page.wasm":
        return answer("text/html", "<!doctype html><html></html>");
      case "/broken.bin":
        response.writeHead(200, { "content-length": 100 });
        response.write("abc");
        return setTimeout(() => response.destroy(), 20);
      default:
        return response.writeHead(404, "Not Found").end("no");
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), "host-files-"));
  node = await createNodeHost();
});

after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

async function inFolder(name: string, contents: Uint8Array | string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, contents);
  return file;
}

test("zip archives: whole, with comment, cut, empty, something else", () => {
  verifyZip(tinyZip(), "a.zip");
  verifyZip(tinyZip("a comment"), "a.zip");
  const cut = tinyZip("a comment").slice(0, -1);
  assert.throws(() => verifyZip(cut, "a.zip"), /a\.zip is truncated or damaged/);
  assert.throws(() => verifyZip(new Uint8Array(0), "a.zip"), /a\.zip is not a zip .* is empty/);
  const html = new TextEncoder().encode("<!doctype html>");
  assert.throws(() => verifyZip(html, "a.zip"), /starts with "<!doctype html>"/);
});

test("web: compiles while streaming, and from bytes when the MIME type is wrong", async () => {
  assert.ok((await web.compileWasm(`${origin}/good.wasm`)) instanceof WebAssembly.Module);
  assert.ok((await web.compileWasm(`${origin}/plain.wasm`)) instanceof WebAssembly.Module);
});

test("web: progress ends at the size of the file", async () => {
  const seen: [string, number, number | undefined][] = [];
  await web.compileWasm(`${origin}/good.wasm`, (...args) => seen.push(args));
  assert.deepEqual(seen.at(-1), [`${origin}/good.wasm`, WASM.length, WASM.length]);
});

test("web: errors name the file and what is wrong", async () => {
  const cases: [string, RegExp][] = [
    ["/none.wasm", /none\.wasm cannot be downloaded: the server answered 404 Not Found.*indexURL/],
    ["/cut.wasm", /cut\.wasm cannot be compiled, it is truncated/],
    ["/page.wasm", /page\.wasm is not a WebAssembly file: it starts with "<!doctype html>/],
  ];
  for (const [path, message] of cases) {
    const failure = web.compileWasm(origin + path);
    await assert.rejects(failure, {
      name: "RuntimeFileError",
      message,
      file: origin + path,
    });
  }
  await assert.rejects(web.readBytes(`${origin}/broken.bin`), /broken\.bin stopped arriving/);
  await assert.rejects(web.readBytes("http://127.0.0.1:1/x"), /cannot be downloaded \(.*CORS/);
});

test("node: reads and compiles files by path and by file: address", async () => {
  const file = await inFolder("good.wasm", WASM);
  assert.ok((await node.compileWasm(file)) instanceof WebAssembly.Module);
  assert.deepEqual(await node.readBytes(pathToFileURL(file).href), WASM);
  assert.deepEqual(await node.readBytes(`${origin}/good.wasm`), WASM);
});

test("node: errors name the file and what is wrong", async () => {
  const missing = join(folder, "missing.wasm");
  await assert.rejects(node.readBytes(missing), (error) => {
    assert.ok(error instanceof RuntimeFileError);
    assert.equal(error.file, missing);
    assert.match(error.message, /missing\.wasm does not exist\. Check that `indexURL`/);
    return true;
  });
  await assert.rejects(node.readBytes(folder), /cannot be read \(EISDIR/);
  const cut = await inFolder("cut.wasm", CUT_WASM);
  await assert.rejects(node.compileWasm(cut), /cut\.wasm cannot be compiled/);
  await assert.rejects(node.importModule(join(folder, "no.mjs")), /no\.mjs does not exist/);
  const bad = await inFolder("bad.mjs", "export default (;");
  await assert.rejects(node.importModule(bad), /bad\.mjs cannot be loaded \(/);
  await assert.rejects(node.importModule("https://example.org/a.mjs"), /from files only/);
});

test("node: imports a module", async () => {
  const file = await inFolder("some.mjs", "export default 5;");
  assert.equal((await node.importModule(file))["default"], 5);
});

test("resolving addresses", () => {
  assert.equal(web.resolve("b.js", "https://example.org/a/"), "https://example.org/a/b.js");
  assert.equal(web.folderOf("https://example.org/a/b.js?x#y"), "https://example.org/a/");
  assert.equal(node.resolve("b.js", "/a/"), join("/a", "b.js"));
  assert.equal(node.resolve("b.js", "file:///a/"), join("/a", "b.js"));
  assert.equal(node.resolve("b.js", "https://example.org/a/"), "https://example.org/a/b.js");
  assert.equal(node.folderOf("file:///a/b.js"), `${join("/a")}${sep}`);
});
