/** `rotation-bridge rotate`, by a real queue and in its own process. */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { QueueClient } from "@azure/storage-queue";
import { z } from "zod";
import { startAzurite } from "../../local/azurite.ts";
import type { Azurite } from "../../local/azurite.ts";
import { main } from "../../cli/main.ts";
import { plain } from "../../cli/terminal.ts";
import { parseTargetMessage } from "../../shared/core/parse-message.ts";
import type { TargetMessage } from "../../shared/core/message.ts";
import { assertRuns } from "../scenarios/one-app.ts";
import { unknownStart } from "../scenarios/start-unknown.ts";
import { startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";
import { runCli, runHere } from "./run-cli.ts";
import type { Run } from "./run-cli.ts";

let azurite: Azurite;
let lab: Lab;
let twoClusters = "";

before(async () => {
  azurite = await startAzurite();
  lab = await startLab(unknownStart, { map: "mode: act" });
  const text = `vaults: [{ name: contoso, flowsTo: [{ cluster: "*", namespaces: [shop] }] }]
clusters:
  - { name: aks-prod, server: "https://127.0.0.1:1", token: { file: token }, namespaces: [shop] }
  - { name: aks-eu, server: "https://127.0.0.1:1", token: { file: token }, namespaces: [shop] }
`;
  twoClusters = join(lab.folder, "two.yaml");
  await writeFile(twoClusters, text);
});
after(async () => {
  await Promise.all([azurite.stop(), lab.close()]);
});

function byQueue(...args: readonly string[]): Promise<Run> {
  const env = { AzureWebJobsStorage: azurite.connectionString };
  return runCli(["rotate", "--map", twoClusters, ...args], { env });
}

async function messages(queueName: string): Promise<readonly TargetMessage[]> {
  const client = new QueueClient(azurite.connectionString, queueName);
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.flatMap(({ messageText }) => parseTargetMessage(messageText) ?? []);
}

test("a message for each cluster of the map, with the time at which a person asked", async () => {
  const before = Date.now();
  const { code, out, err } = await byQueue("--secret", "Contoso/db", "--queue", "first", "--yes");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Asked: Contoso\/db in aks-prod, aks-eu, by queue first of the account of AzureWebJobsStorage\./);
  const found = await messages("first");
  assert.deepEqual(
    found.map(({ target }) => target),
    [
      { cluster: "aks-prod", namespace: "*" },
      { cluster: "aks-eu", namespace: "*" },
    ],
  );
  const objects = ["contoso/secret/db", "contoso/cert/db", "contoso/key/db"];
  for (const { scope, byHand = {} } of found) {
    assert.deepEqual(scope === "all" ? scope : scope.map(({ object }) => object), objects);
    assert.deepEqual(Object.keys(byHand), objects);
    for (const at of Object.values(byHand)) assert.ok(at >= before && at <= Date.now());
  }
});

test("one namespace of one cluster, as JSON", async () => {
  const args = ["--cluster", "aks-eu", "--namespace", "shop", "--queue", "second", "--yes", "--json"];
  const { code, out } = await byQueue("--secret", "contoso/db", ...args);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), { queue: "second", targets: ["aks-eu/shop"] });
  assert.deepEqual(
    (await messages("second")).map(({ target }) => target),
    [{ cluster: "aks-eu", namespace: "shop" }],
  );
});

test("asks a person first, and does nothing without a yes", async () => {
  const asked: string[] = [];
  let err = "";
  const terminal = (answer: boolean) => ({
    out: () => {},
    err: (text: string) => void (err += text),
    paint: plain,
    confirm: async (question: string) => {
      asked.push(question);
      return answer;
    },
  });
  const args = ["rotate", "--map", twoClusters, "--secret", "contoso/db", "--storage", "strb"];
  assert.equal(await main(args, terminal(false)), 0);
  assert.match(asked[0] ?? "", /queue rotations of strb.* contoso\/db in aks-prod, aks-eu/);
  assert.match(err, /Nothing was done/);
  const nobody = await runHere(args);
  assert.deepEqual([nobody.code, nobody.out], [2, ""]);
  assert.match(nobody.err, /Nobody can be asked here\. Say --yes/);
});

test("a queue that cannot be reached is exit code 2, with the role to ask for", async () => {
  const env = { AzureWebJobsStorage: azurite.connectionString.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1") };
  const { code, out, err } = await runCli(
    ["rotate", "--map", twoClusters, "--secret", "contoso/db", "--yes", "--cluster", "aks-eu"],
    { env },
  );
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /Could not send to queue rotations: .*Storage Queue Data Contributor/);
});

const wrong: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: [], says: /--secret is missing/ },
  { args: ["--secret", "db"], says: /--secret is not VAULT\/NAME/ },
  { args: ["--secret", "contoso/db", "--timeout", "5m"], says: /--timeout needs --here/ },
  { args: ["--secret", "contoso/db", "--here", "--storage", "x"], says: /--storage is for the queue/ },
  { args: ["--secret", "elsewhere/db"], says: /It does not name the vault elsewhere\. It has: contoso/ },
  { args: ["--secret", "contoso/db", "--cluster", "aks"], says: /no cluster of that name. It has: aks-prod, aks-eu/ },
  { args: ["--secret", "contoso/db", "--namespace", "shop"], says: /Choose with --cluster/ },
  {
    args: ["--secret", "contoso/db", "--namespace", "pay", "--cluster", "aks-eu"],
    says: /does not name the namespace pay/,
  },
  { args: ["--secret", "contoso/db"], says: /Name the app's storage account with --storage/ },
  { args: ["--secret", "contoso/db", "--storage", "No!"], says: /Not a storage account's name/ },
  { args: ["--secret", "contoso/db", "--here", "--timeout", "soon"], says: /--timeout is not a duration/ },
];

for (const { args, says } of wrong) {
  test(`exit code 2 and what to do instead: rotate ${args.join(" ")}`, async () => {
    const { code, out, err } = await runHere(["rotate", "--map", twoClusters, ...args]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}

const hereReport = z.object({
  targets: z.array(
    z.object({ namespace: z.string(), classes: z.record(z.string(), z.object({ outcome: z.string() })) }),
  ),
  steps: z.array(z.string()),
});

/** The cluster's time goes on while the command watches it. */
async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  while (!done) {
    await lab.world.pass(100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ended;
}

test("--here restarts once what only a person's word settles, and proves it; a second time there is nothing to do", async () => {
  const before = await lab.run("status", "--json");
  assert.match(before.out, /start-unknown/);
  const first = await whileTimePasses(lab.run("rotate", "--secret", "contoso/db", "--here", "--yes"));
  assert.equal(first.code, 0, first.out + first.err);
  assert.match(first.out, /^aks-prod\/default {2}restart Deployment\/reader/m);
  assert.match(first.out, /^aks-prod\/default kv: converged\.$/m);
  assertRuns(lab.world, "new", "reader");
  const second = await whileTimePasses(lab.run("rotate", "--secret", "contoso/db", "--here", "--yes", "--json"));
  assert.equal(second.code, 0, second.out + second.err);
  const { targets, steps } = hereReport.parse(JSON.parse(second.out));
  assert.deepEqual(steps, []);
  assert.deepEqual(targets, [{ namespace: "default", classes: { kv: { outcome: "converged" } } }]);
});

test("--here finds nothing where no class mounts the object, and that is no success", async () => {
  const { code, err } = await lab.run("rotate", "--secret", "contoso/unheard-of", "--here", "--yes");
  assert.equal(code, 1);
  assert.match(err, /No class there mounts contoso\/unheard-of/);
});
