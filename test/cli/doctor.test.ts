/** `rotation-bridge doctor` as a process, against a cluster, a vault and an Azure of this machine. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { assignmentId, bridge, eventSubscription, ids, person, startDoctorLab } from "./doctor-lab.ts";
import type { DoctorLab } from "./doctor-lab.ts";
import { runHere } from "./run-cli.ts";

let lab: DoctorLab;
before(async () => {
  lab = await startDoctorLab();
});
after(() => lab.close());

const marked = (out: string, mark: string) =>
  out.split("\n").flatMap((line) => (line.startsWith(`  ${mark} `) ? [line.slice(4)] : []));

test("all as it must be: every group, no remark, exit code 0, and nothing was written", async () => {
  const { code, out, err } = await lab.doctor("--as", bridge);
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(
    out.split("\n").filter((line) => /^\S.*\S$/.test(line)),
    [
      "Rotation map",
      "Cluster aks-prod: reached",
      "Cluster aks-prod: driver",
      "Cluster aks-prod: rights",
      "Cluster aks-prod: cage",
      "Cluster aks-prod: classes",
      "Cluster aks-prod: who else reloads",
      "Vault contoso: access",
      "Vault contoso: events",
      "All is as it must be.",
    ],
  );
  assert.deepEqual([...marked(out, "!"), ...marked(out, "×")], []);
  assert.ok(marked(out, "✓").length > 12, out);
  assert.deepEqual(
    [...lab.lab.requests.keys()].filter((request) => !/^(?:get|list|watch) /.test(request)),
    [],
  );
  assert.ok(!`${out}${err}`.includes("hunter2"), "a value is shown");
  assert.ok(lab.azure.requests.every((request) => request.startsWith("GET ")));
});

test("without --as it says whose rights, roles and cage it looked at", async () => {
  const { code, out } = await lab.doctor();
  assert.equal(code, 0);
  assert.match(out, /! These are your own rights, not the bridge's\./);
  assert.match(out, new RegExp(`✓ You \\(${person}\\) may do all`));
  assert.match(out, /! The cage stands around 1111.* was not checked/);
  assert.match(out, /! Whether the bridge may read contoso was not checked/);
});

const report = z.object({
  groups: z.array(
    z.object({
      title: z.string(),
      checks: z.array(z.object({ grade: z.string(), text: z.string(), mend: z.string().optional() })),
    }),
  ),
  problems: z.number(),
  warnings: z.number(),
});

test("what is broken is named with its mend, in --json too, and the exit code is 1", async () => {
  lab.denied.add(`${bridge} patch deployments`);
  lab.lab.world.blue.delete("ValidatingAdmissionPolicyBinding", "", "rotation-bridge-cage");
  lab.azure.put(ids.subscription, eventSubscription({ provisioningState: "Failed" }));
  lab.azure.remove(assignmentId(ids.queue));
  lab.azure.remove(assignmentId(ids.vault));
  const { code, out } = await lab.doctor("--as", bridge, "--json");
  assert.equal(code, 1);
  const { groups, problems } = report.parse(JSON.parse(out));
  const found = groups.flatMap(({ title, checks }) =>
    checks.filter(({ grade }) => grade === "problem").map(({ text }) => `${title}: ${text}`),
  );
  assert.equal(problems, found.length);
  const wanted = [
    /rights: The bridge .* may not patch deployments\.apps in default\.$/,
    /cage: There is no ValidatingAdmissionPolicyBinding/,
    /access: The bridge lacks the role Key Vault Secrets User on contoso/,
    /events: Event subscription rotation-bridge is not in order: Failed/,
    /events: The identity .* lacks Storage Queue Data Message Sender/,
  ];
  assert.equal(found.length, wanted.length, found.join("\n"));
  for (const [index, pattern] of wanted.entries()) assert.match(found[index] ?? "", pattern);
});

test("a caller who may not ask for others' rights is told that they are the caller's own", async () => {
  lab.denied.add(`${person} create subjectaccessreviews`);
  lab.azure.refuse("/subscriptions", 403);
  const { code, out } = await lab.doctor("--as", "99999999-2222-3333-4444-555555555555");
  assert.equal(code, 1);
  assert.match(out, /! You may not ask for another identity's rights/);
  assert.match(out, new RegExp(`✓ You \\(${person}\\) may do all`));
  assert.match(out, /× ValidatingAdmissionPolicy rotation-bridge-cage is not about .* 99999999-/);
  assert.match(out, /! The way of its events was not looked at: .* Azure answered 403\./);
});

const wrong: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: ["--as", "id-bridge"], says: /--as is no UUID.*principalId/ },
  { args: ["--resource-manager", "http://example.com"], says: /--resource-manager: The URL is not https/ },
  { args: ["--queue", "No!"], says: /--queue is not a queue's name/ },
  { args: ["--context", "x"], says: /--context needs --kubeconfig/ },
  { args: ["--map", "nowhere.yaml"], says: /nowhere\.yaml: There is no such file/ },
];

for (const { args, says } of wrong) {
  test(`exit code 2 and what to do instead: doctor ${args.join(" ")}`, async () => {
    const { code, out, err } = await runHere(["doctor", ...args]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}
