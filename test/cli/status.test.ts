/** A8 by the command line: which pod runs which version, beside the vault's current one. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { z } from "zod";
import { startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";
import { runCli } from "./run-cli.ts";
import { shop } from "./shop.ts";

let lab: Lab;

before(async () => {
  lab = await startLab(shop);
});
after(() => lab.close());

const report = z.object({
  allCurrent: z.boolean(),
  targets: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string(),
      classes: z.array(
        z.object({
          name: z.string(),
          objects: z.array(z.object({ id: z.string(), version: z.string() })),
          pods: z.array(
            z.object({
              pod: z.string(),
              by: z.string(),
              versions: z.array(z.object({ id: z.string(), version: z.string().optional(), state: z.string() })),
            }),
          ),
        }),
      ),
    }),
  ),
});

test("exit code 0 while every pod runs the vault's current version, 1 as soon as one does not; docs/cli.md shows it", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const current = await lab.run("status");
  assert.deepEqual([current.code, current.err], [0, ""], current.out);
  assert.match(current.out, /5 pods, all pods current\. All is current\.\n$/);

  const { version } = lab.world.set("db-password", "two");
  await lab.world.pass(1000);
  const behind = await lab.runProcess("status");
  assert.deepEqual([behind.code, behind.err], [1, ""]);
  assert.ok(page.includes(`\`\`\`text\n${behind.out}\`\`\``), behind.out);

  const json = await lab.run("status", "--json");
  const [target] = report.parse(JSON.parse(json.out)).targets;
  assert.deepEqual(target?.classes[0]?.objects, [{ id: "secret/db-password", version }]);
  const mounted = target?.classes[0]?.pods.filter(({ by }) => by === "mount") ?? [];
  assert.equal(mounted.length, 3);
  for (const { versions } of mounted) {
    assert.equal(versions[0]?.state, "old");
    assert.notEqual(versions[0]?.version, version);
  }
});

test("--namespace narrows it", async () => {
  const [one, none] = [await lab.run("status", "--namespace", "sh*"), await lab.run("status", "--namespace", "other")];
  assert.match(one.out, /^aks-prod\/shop, class orders/);
  assert.match(
    none.out,
    /^No class of the mapped namespaces of that name uses a vault: nothing is known to be current\.\n$/,
  );
  assert.equal(none.code, 1, "a script that waits for a name that nobody has must not go on");
});

test("it asks the cluster for get and list only", () => {
  const verbs = new Set([...lab.requests.keys()].map((request) => request.split(" ")[0]));
  assert.deepEqual(verbs, new Set(["get", "list"]));
});

test("a vault that does not answer is told, and no pod counts as current", async () => {
  const text = await readFile(lab.map, "utf8");
  const map = await lab.file("silent.yaml", text.replace(/url: "[^"]*"/, 'url: "http://127.0.0.1:9"'));
  const { code, out } = await lab.run("status", "--map", map);
  assert.equal(code, 1);
  assert.match(out, /waiting\(vault-unavailable\)/);
  assert.match(out, /the vault says unavailable/);
});

test("who is not signed in to Azure is told so, and still sees what the cluster shows", async () => {
  // No identity endpoint, no tool and none of their files.
  const env = { IDENTITY_ENDPOINT: "", IDENTITY_HEADER: "", HOME: lab.folder, PATH: "" };
  const { code, out, err } = await runCli(["status", "--map", lab.map], { env });
  assert.equal(code, 1);
  assert.equal(err, "No sign-in to Azure was found here. Sign in with az login, and try again.\n");
  assert.match(out, /Deployment\/billing {2}env {4}secret\/db-password {2}- +unknown/);
  assert.match(out, /Deployment\/orders +mount +secret\/db-password +[0-9a-f]{8}… +unknown/);
});

test("exit code 2 and what to do instead", async () => {
  const { code, err } = await lab.run("status", "--namespaces", "x");
  assert.equal(code, 2);
  assert.match(err, /no option "--namespaces"\. Did you mean --namespace\?/);
});
