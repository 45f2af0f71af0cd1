import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as z from "zod";
import { licencesPage, runtimePackages } from "../../tools/licences.ts";
import { runtimeSbom } from "../../tools/sbom.ts";

const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

const packages = await runtimePackages();

test("docs/licences.md lists what package-lock.json installs (mend it with: npm run licences)", () => {
  assert.equal(readFileSync(new URL("../../docs/licences.md", import.meta.url), "utf8"), licencesPage(packages));
  assert.ok(packages.length > 50);
});

test("every licence lets the app be used and passed on as it is", () => {
  const free = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|Unlicense|PSF-2\.0|Python-2\.0|BlueOak-1\.0\.0|CC0-1\.0)$/;
  // A choice of licences is fine if one of them is.
  const wrong = packages.filter(
    ({ licence }) =>
      !licence
        .replaceAll(/[()]/g, "")
        .split(" OR ")
        .some((one) => free.test(one)),
  );
  assert.deepEqual(wrong, []);
});

test("the bill of materials lists the same packages, and every dependency that it names", async () => {
  const { components, dependencies } = await runtimeSbom();
  const installed = packages.map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual(new Set(components.map(({ name, version }) => `${name} ${version}`)), new Set(installed));
  const refs = new Set(components.map((component) => component["bom-ref"]));
  const named = dependencies.flatMap(({ dependsOn }) => dependsOn ?? []);
  assert.deepEqual(
    named.filter((ref) => !refs.has(ref)),
    [],
  );
  const own = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(manifest);
  const missing = Object.keys(own.dependencies).filter((name) => !components.some((one) => one.name === name));
  assert.deepEqual(missing, []);
});
