/** Whatever the vault, the Secrets and the sign-in hold, no command prints any of it, in no form and to neither stream. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { leaksIn } from "../end-to-end/leaks.ts";
import { secrets, sentinel } from "../end-to-end/sentinels.ts";
import { providerClass, workload } from "../scenarios/manifests.ts";
import { kubeconfigText, labToken, startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";

let lab: Lab;

before(async () => {
  const first = sentinel("the first version");
  const second = sentinel("the second version");
  lab = await startLab(async (world) => {
    world.set("db", first);
    world.blue.apply(
      providerClass({
        name: "kv",
        objects: ["db"],
        secrets: { app: { k: "db" }, other: { k: "db" } },
      }),
    );
    world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { A: ["app", "k"] } }));
    await world.pass(60_000);
    world.blue.patch("Secret", "default", "other", { immutable: true });
    world.set("db", second);
    await world.pass(60_000);
  });
});
after(() => lab.close());

const runs: readonly (readonly string[])[] = [
  ["plan", "--secret", "contoso/db"],
  ["plan", "--secret", "contoso/db", "--json"],
  ["plan", "--secret", "contoso/db", "--mermaid"],
  ["status"],
  ["status", "--json"],
  ["validate"],
  ["validate", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["rotate", "--secret", "contoso/db", "--here", "--yes"],
  ["rotate", "--secret", "contoso/db", "--here", "--yes", "--json"],
  ["init", "--force"],
  ["init", "--force", "--json"],
];

for (const args of runs) {
  test(`no value and no token: ${args.join(" ")}`, async () => {
    const own = args[0] === "init" ? ["--kubeconfig", lab.kubeconfig, "--map", `${lab.folder}/made.yaml`] : [];
    const { out, err } = await lab.run(...args, ...own);
    assert.ok(out.length > 50, err);
    assert.deepEqual(leaksIn(out + err, [...secrets, { name: "the cluster's token", value: labToken }]), []);
  });
}

test("no token that was refused, and nothing of a vault that fails", async () => {
  const token = sentinel("a refused token");
  const server = /server: "([^"]*)"/.exec(await readFile(lab.map, "utf8"))?.[1] ?? "";
  const refused = await lab.file("refused.yaml", kubeconfigText(server, { token }));
  lab.world.vault.faults.add({}, { kind: "server-error", status: 500 });
  for (const args of [
    ["status"],
    ["status", "--kubeconfig", refused],
    ["plan", "--secret", "contoso/db", "--kubeconfig", refused],
  ]) {
    const { code, out, err } = await lab.run(...args);
    assert.equal(code, 1);
    assert.deepEqual(leaksIn(out + err, [...secrets, { name: "the cluster's token", value: labToken }]), []);
  }
  const { code, err } = await lab.run("init", "--kubeconfig", refused, "--map", `${lab.folder}/other.yaml`);
  assert.equal(code, 2);
  assert.deepEqual(leaksIn(err, secrets), []);
});
