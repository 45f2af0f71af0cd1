/** `rotation-bridge replay` on a real queue. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { QueueClient } from "@azure/storage-queue";
import { z } from "zod";
import { startAzurite } from "../../local/azurite.ts";
import type { Azurite } from "../../local/azurite.ts";
import { VirtualClock } from "../../local/clock.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import type { TargetMessage } from "../../shared/core/message.ts";
import { parseTargetMessage } from "../../shared/core/parse-message.ts";
import { readMessage } from "../../shared/core/secret-event.ts";
import { runCli, runHere } from "./run-cli.ts";

let azurite: Azurite;
let folder = "";
before(async () => {
  [azurite, folder] = await Promise.all([startAzurite(), mkdtemp(join(tmpdir(), "replay-"))]);
});
after(() => Promise.all([azurite.stop(), rm(folder, { recursive: true, force: true })]));

const message: TargetMessage = {
  kind: "target",
  v: 1,
  target: { cluster: "aks-prod", namespace: "shop" },
  chain: "old-chain",
  scope: [{ object: "contoso/secret/db", version: undefined }],
  memory: { ...emptyMemory, delayMs: 60_000 },
};
const vault = new VaultStore({ clock: new VirtualClock(), vaults: ["contoso"] });
const event = newVersionEvent("contoso", "mail", vault.setSecret("contoso", "mail", "hunter2"), "event-grid");
/** No JSON; a raw control character the service itself refuses. */
const hostile = Buffer.from("<\u001B[31m password=hunter2 & no message>").toString("base64");

/** Puts bodies as the host puts them: base64, or as a stranger would. */
async function givenUp(queueName: string, bodies: readonly unknown[]) {
  const client = new QueueClient(azurite.connectionString, `${queueName}-poison`);
  await client.createIfNotExists();
  for (const body of bodies) {
    const text = typeof body === "string" ? body : Buffer.from(JSON.stringify(body)).toString("base64");
    await client.sendMessage(text);
  }
  return client;
}

async function bodiesOn(queueName: string): Promise<readonly string[]> {
  const client = new QueueClient(azurite.connectionString, queueName);
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => messageText);
}

const replay = (queueName: string, ...args: readonly string[]) =>
  runCli(["replay", "--queue", queueName, ...args], { env: { AzureWebJobsStorage: azurite.connectionString } });

const listed = z.object({
  queue: z.string(),
  about: z.number(),
  messages: z.array(
    z.object({ id: z.string(), since: z.string(), about: z.array(z.string()), left: z.string().optional() }),
  ),
});

test("shows what lies there, by names only, and takes nothing", async () => {
  const client = await givenUp("listed", [message, event, hostile, { ...message, v: 2 }]);
  const { code, out, err } = await replay("listed");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^listed-poison: 4 messages\n/);
  assert.match(out, /aks-prod\/shop, contoso\/secret\/db\n/);
  assert.match(out, / {2}contoso\/secret\/mail/);
  assert.match(out, /not-json: The message is not JSON\./);
  assert.match(out, /unknown-message: /);
  assert.ok(!out.includes("hunter2") && !out.includes("\u001B"));
  const json = listed.parse(JSON.parse((await replay("listed", "--json")).out));
  assert.equal(json.about, 4);
  assert.deepEqual(
    json.messages.map(({ left }) => left),
    [undefined, undefined, "not-json", "unknown-message"],
  );
  assert.equal((await client.getProperties()).approximateMessagesCount, 4);
});

test("an empty or missing poison queue is nothing to worry about", async () => {
  assert.match((await replay("missing")).out, /^Nothing lies in missing-poison\.\n/);
  const { code, out } = await replay("missing", "--all", "--yes");
  assert.deepEqual([code, out], [0, "Put on missing again: 0 messages\n"]);
});

test("--all puts back what can be read, a message of our own in a new chain, and leaves the rest visible", async () => {
  const client = await givenUp("all", [message, hostile, event]);
  const { code, out } = await replay("all", "--all", "--yes");
  assert.equal(code, 1);
  assert.match(out, /^Put on all again: 2 messages\n/);
  assert.match(out, /^Left where it is: 1 message\n/m);
  const bodies = await bodiesOn("all");
  assert.equal(bodies.length, 2);
  const own = bodies.flatMap((body) => parseTargetMessage(body) ?? []);
  assert.deepEqual(
    own.map(({ chain, ...rest }) => [chain === message.chain, rest.target, rest.scope, rest.memory]),
    [[false, message.target, message.scope, emptyMemory]],
  );
  const events = bodies.flatMap((body) => readMessage(body).events);
  assert.deepEqual(
    events.map(({ objects }) => objects.map(({ name }) => name)),
    [["mail"]],
  );
  const { peekedMessageItems } = await client.peekMessages({ numberOfMessages: 32 });
  assert.deepEqual(
    peekedMessageItems.map(({ messageText }) => messageText),
    [hostile],
  );
});

test("more than one batch is taken to its end", async () => {
  await givenUp(
    "many",
    Array.from({ length: 70 }, (_, index) => ({ ...message, chain: `c-${index}` })),
  );
  const { code, out } = await replay("many", "--all", "--yes");
  assert.equal(code, 0);
  assert.match(out, /^Put on many again: 70 messages\n/);
  assert.match((await replay("many")).out, /^Nothing lies in/);
});

test("--id takes only what it names, and says what is not there", async () => {
  await givenUp("chosen", [message, event]);
  const { messages } = listed.parse(JSON.parse((await replay("chosen", "--json")).out));
  const id = messages[1]?.id ?? "";
  const { code, out } = await replay("chosen", "--id", `${id},nowhere`, "--yes");
  assert.equal(code, 1);
  assert.match(out, /^Put on chosen again: 1 message\n/);
  assert.match(out, /Not there, or taken by somebody else: nowhere/);
  assert.equal((await bodiesOn("chosen")).length, 1);
  assert.match((await replay("chosen")).out, /^chosen-poison: 1 message\n.*aks-prod\/shop/);
});

test("--file brings the events of a dead-letter file, one by one", async () => {
  const dead = { ...event, deadLetterReason: "MaxDeliveryAttemptsExceeded", deliveryAttempts: 30 };
  const file = join(folder, "dead.json");
  await writeFile(file, JSON.stringify([dead, { id: "x" }, { ...dead, eventType: "Microsoft.KeyVault.KeyExpired" }]));
  const { code, out } = await replay("dead", "--file", file, "--yes");
  assert.equal(code, 1);
  assert.match(out, /^Put on dead again: 1 message\n {2}1 +contoso\/secret\/mail/);
  assert.match(out, /^ {2}2 +not-an-event: /m);
  assert.match(out, /^ {2}3 +other-event: /m);
  const [body] = await bodiesOn("dead");
  assert.equal(readMessage(body).events.length, 1);
});

const wrong: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: ["--all", "--id", "1", "--storage", "strb"], says: /Choose one of --id and --all/ },
  { args: [], says: /Name the app's storage account with --storage/ },
  { args: ["--all", "--storage", "strb"], says: /Nobody can be asked here/ },
  { args: ["--file", "nowhere.json", "--storage", "strb"], says: /nowhere\.json: There is no such file/ },
];

for (const { args, says } of wrong) {
  test(`exit code 2 and what to do instead: replay ${args.join(" ")}`, async () => {
    const { code, out, err } = await runHere(["replay", ...args]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}
