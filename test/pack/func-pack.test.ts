import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packedFiles } from "./func-pack.ts";
import { checkoutFiles, root } from "./packed-app.ts";

test("func's ignore rules are read as func reads them, not as git does", () => {
  // Each measured with the rules of azure-functions-core-tools' GitIgnoreParser.
  const files = ["a.ts", "lib/a.ts", "dist/main.js.map", "README.md", "docs/x.md", "test/x", "test-utils/x", ".git/x"];
  const left = (...patterns: string[]) => packedFiles(files, patterns.join("\n"));
  const without = (...names: string[]) => files.filter((file) => !names.includes(file) && file !== ".git/x");
  assert.deepEqual(left(), without());
  assert.deepEqual(left("*.ts"), without("a.ts"));
  assert.deepEqual(left("*.js.map"), without());
  assert.deepEqual(left("**/*.md"), without("docs/x.md"));
  assert.deepEqual(left("test"), without("test/x", "test-utils/x"));
  assert.deepEqual(left("**", "!docs/"), ["docs/x.md"]);
  assert.deepEqual(left("!docs/", "# comment", "**"), ["docs/x.md"]);
});

test("exactly what the app needs is packed: no sources, tests, keys, docs or packages", async () => {
  const funcignore = await readFile(join(root, ".funcignore"), "utf8");
  const built = ["dist/main.mjs", "dist/chunk-ABC.mjs"];
  const strays = [
    ".ci/run",
    ".env",
    ".azure/production/.env",
    "app.zip",
    "infra/main.json",
    "infra/host.json",
    "rbac.yaml",
    "dist.zip",
    ".git/config",
    "local.settings.json",
    "key.pem",
    "dist-old/main.mjs",
    "node_modules/zod/index.js",
    "node_modules/dist/main.mjs",
    "test/dist/host.json",
    "rotation-map.example.yaml",
  ];
  const packed = packedFiles([...(await checkoutFiles()), ...built, ...strays, "rotation-map.yaml"], funcignore);
  const expected = ["host.json", "package.json", ...built, "rotation-map.yaml"];
  assert.deepEqual([...new Set(packed)].sort(), expected.sort());
});

test("azd, which reads the rules as git does, packs the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "azd-pack-"));
  try {
    const needed = ["host.json", "package.json", "rotation-map.yaml", "dist/main.mjs", "dist/chunk-ABC.mjs"];
    const strays = ["infra/host.json", "node_modules/zod/index.js", ".azure/production/.env", "test/a.ts", "key.pem"];
    for (const file of [...needed, ...strays]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), "");
    }
    await cp(join(root, ".funcignore"), join(folder, ".rules"));
    execFileSync("git", ["init", "--quiet", folder]);
    const args = ["-C", folder, "ls-files", "--others", "--exclude-from=.rules"];
    const kept = execFileSync("git", args, { encoding: "utf8" }).trim().split("\n");
    assert.deepEqual(kept.sort(), needed.sort());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
