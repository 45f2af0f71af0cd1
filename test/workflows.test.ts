/** The workflows run nowhere here, so what matters about them is read. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import * as z from "zod";

const step = z.object({ name: z.string().optional(), uses: z.string().optional(), run: z.string().optional() });
const workflow = z.object({
  on: z.unknown(),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), z.object({ environment: z.string().optional(), steps: z.array(step) })),
});

const text = (name: string): string =>
  readFileSync(new URL(`../.github/workflows/${name}.yml`, import.meta.url), "utf8");
const steps = (name: string) => Object.values(workflow.parse(parse(text(name))).jobs).flatMap((job) => job.steps);

test("CI runs the script that every machine runs, and may only read", () => {
  assert.deepEqual(
    steps("ci").flatMap(({ run }) => run ?? []),
    ["bash .ci/run"],
  );
  assert.deepEqual(workflow.parse(parse(text("ci"))).permissions, { contents: "read" });
});

test("the deployment signs in by OpenID Connect and stores no credential", () => {
  const { permissions, jobs } = workflow.parse(parse(text("deploy")));
  assert.deepEqual(permissions, { contents: "read", "id-token": "write" });
  assert.deepEqual(
    Object.values(jobs).map(({ environment }) => environment),
    ["production"],
  );
  for (const name of ["ci", "deploy"])
    assert.doesNotMatch(text(name), /\$\{\{\s*secrets\.|password|creds:|publish-profile|client-secret/i);
});

test("what the deployment packs is what func packs", () => {
  const packed = steps("deploy").find(({ name }) => name === "pack")?.run;
  const parts = packed?.replace(/^zip -q -r app\.zip /, "").split(" ") ?? [];
  const allowed = readFileSync(new URL("../.funcignore", import.meta.url), "utf8")
    .split("\n")
    .flatMap((line) => (line.startsWith("!") && !line.endsWith("/**") ? [line.slice(1).replace(/\/$/, "")] : []));
  assert.deepEqual(parts.sort(), allowed.sort());
});
