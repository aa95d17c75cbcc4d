/** Files of packages: base addresses in turn, integrity, what is kept on disk. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PackageError } from "../../../../src/js/api/packages/error";
import { DEFAULT_CHANNEL, type PlannedPackage } from "../../../../src/js/api/packages/plan";
import { PackageStore } from "../../../../src/js/api/packages/store";
import { RuntimeFileError } from "../../../../src/js/host/errors";
import type { Host } from "../../../../src/js/host/host";

const bytes = (text: string) => new TextEncoder().encode(text);
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

interface World {
  files: Record<string, string>;
  reads: string[];
  store: PackageStore;
}

function setUp(
  files: Record<string, string>,
  bases: string[],
  cacheFolder?: string,
  keepFails = false,
): World {
  const reads: string[] = [];
  const host = {
    resolve: (location: string, base = "/cwd/") =>
      /^[a-z]+:/.test(location) || location.startsWith("/") ? location : base + location,
    async readBytes(file: string) {
      reads.push(file);
      const content = files[file];
      if (content === undefined) {
        throw new RuntimeFileError(file, "does not exist", "Advice.");
      }
      return bytes(content);
    },
    async keepFile(file: string, content: Uint8Array) {
      if (keepFails) throw new Error("read-only");
      files[file] = new TextDecoder().decode(content);
    },
  } as unknown as Host;
  const store = new PackageStore({ host, bases, cacheFolder }, async (content) =>
    digest(new TextDecoder().decode(content)),
  );
  return { files, reads, store };
}

function item(more: Partial<PlannedPackage> = {}): PlannedPackage {
  return {
    key: "a",
    name: "a",
    version: "1",
    channel: DEFAULT_CHANNEL,
    address: "a.whl",
    fileName: "a.whl",
    sha256: digest("good"),
    installDir: "site",
    packageType: "package",
    depends: [],
    ...more,
  };
}

const fetchText = async ({ store }: World, wanted: PlannedPackage = item(), check = true) =>
  new TextDecoder().decode(await store.fetch(wanted, check));

test("base addresses are tried in turn, also when a file is not what it should be", async () => {
  const world = setUp({ "/two/a.whl": "tampered", "/three/a.whl": "good", "/four/a.whl": "good" }, [
    "/one/",
    "/two/",
    "/three/",
    "/four/",
  ]);
  assert.equal(await fetchText(world), "good");
  assert.deepEqual(world.reads, ["/one/a.whl", "/two/a.whl", "/three/a.whl"]);
});

test("when no place has it, the error names the package and says what is wrong where", async () => {
  const world = setUp({ "/two/a.whl": "bad" }, ["/one/", "/two/"]);
  const error: unknown = await fetchText(world).catch((e: unknown) => e);
  assert.ok(error instanceof PackageError);
  assert.equal(error.package, "a");
  assert.equal(
    error.message,
    "Cannot load package 'a': /one/a.whl does not exist; " +
      `/two/a.whl is damaged or was tampered with: its sha256 is ${digest("bad")}, ` +
      `and ${digest("good")} is expected (3 bytes).`,
  );
});

test("integrity is checked unless the caller or the lock file does without", async () => {
  const files = { "/one/a.whl": "other" };
  assert.equal(await fetchText(setUp(files, ["/one/"]), item(), false), "other");
  assert.equal(await fetchText(setUp(files, ["/one/"]), item({ sha256: "" })), "other");
  const upper = item({ sha256: digest("other").toUpperCase() });
  assert.equal(await fetchText(setUp(files, ["/one/"]), upper), "other");
});

test("addresses with a scheme or a root do without base address", async () => {
  for (const address of ["https://x.org/a.whl", "/root/a.whl"]) {
    const world = setUp({ [address]: "good" }, ["/one/"]);
    assert.equal(await fetchText(world, item({ address })), "good");
    const own = item({ address: `${address}#sha256=1`, channel: address });
    assert.equal(await fetchText(world, own), "good");
  }
});

test("what was downloaded is kept and used from then on, without a network", async () => {
  const first = setUp({ "https://x/a.whl": "good" }, ["https://x/"], "/cache/");
  assert.equal(await fetchText(first), "good");
  assert.equal(first.files["/cache/a.whl"], "good");
  const offline = setUp({ "/cache/a.whl": "good" }, ["https://x/"], "/cache/");
  assert.equal(await fetchText(offline), "good");
  assert.deepEqual(offline.reads, ["/cache/a.whl"]);
});

test("a kept file that is damaged is fetched anew", async () => {
  const files = { "/cache/a.whl": "goo", "https://x/a.whl": "good" };
  const world = setUp(files, ["https://x/"], "/cache/");
  assert.equal(await fetchText(world), "good");
  assert.equal(world.files["/cache/a.whl"], "good");
});

test("nothing wrong is kept, and nothing that could not be checked", async () => {
  const world = setUp({ "https://x/a.whl": "bad" }, ["https://x/"], "/cache/");
  await assert.rejects(fetchText(world), PackageError);
  const address = "https://x/a.whl";
  const own = item({ address, channel: address, sha256: "" });
  assert.equal(await fetchText(world, own), "bad");
  assert.deepEqual(Object.keys(world.files), [address]);
});

test("a folder that cannot be written to costs only the next download", async () => {
  const world = setUp({ "https://x/a.whl": "good" }, ["https://x/"], "/c/", true);
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    assert.equal(await fetchText(world), "good");
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(warnings, ["Cannot keep a.whl in packageCacheDir: read-only"]);
});

test("files of this machine are not copied", async () => {
  const world = setUp({ "/dist/a.whl": "good" }, ["/dist/"], "/cache/");
  assert.equal(await fetchText(world), "good");
  assert.deepEqual(world.reads, ["/dist/a.whl"]);
  assert.deepEqual(Object.keys(world.files), ["/dist/a.whl"]);
});
