import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { QueueClient } from "@azure/storage-queue";
import { startAzurite } from "../../local/azurite.ts";
import type { StorageAccount } from "../../shared/adapters/storage-account.ts";
import { createWorkQueue } from "../../shared/adapters/storage-queue.ts";
import { createHistory } from "../../shared/adapters/table-history.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import type { TargetMessage } from "../../shared/core/message.ts";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { LogFields } from "../../shared/ports.ts";

const azurite = await startAzurite();
const account: StorageAccount = { kind: "connection-string", connectionString: azurite.connectionString };
test.after(() => azurite.stop());

const message: TargetMessage = {
  kind: "target",
  v: 1,
  target: { cluster: "blue", namespace: "shop" },
  chain: "3f0c",
  scope: "all",
  memory: emptyMemory,
};

function workQueue(queueName: string) {
  const queue = createWorkQueue({ account, queueName, encode: encodeMessage });
  return { queue, client: new QueueClient(azurite.connectionString, queueName) };
}

async function receive(client: QueueClient) {
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems;
}

test("makes the queue at the first send and writes the message as base64 of JSON", async () => {
  const { queue, client } = workQueue("first-send");
  assert.equal(await client.exists(), false);
  await queue.send(message, 0);
  const [received] = await receive(client);
  assert.deepEqual(JSON.parse(Buffer.from(received?.messageText ?? "", "base64").toString("utf8")), message);
});

test("passes an event on byte for byte as JSON", async () => {
  const { queue, client } = workQueue("raw");
  const event = { id: "1", subject: "pässwörter", data: { VaultName: "Kv" } };
  await queue.sendRaw(event);
  const [received] = await receive(client);
  assert.equal(Buffer.from(received?.messageText ?? "", "base64").toString("utf8"), JSON.stringify(event));
});

test("asks for whole seconds of delay, rounded up, and seven days of life after them", async (t) => {
  const { requests, account } = await recordingAccount(t);
  const queue = createWorkQueue({ account, queueName: "delays", encode: encodeMessage });
  for (const delayMs of [0, 1, 1000, 1200, 604_800_000]) await queue.send(message, delayMs);
  assert.deepEqual(
    requests.map(({ url }) => [url.searchParams.get("visibilitytimeout"), url.searchParams.get("messagettl")]),
    [
      ["0", "604800"],
      ["1", "604801"],
      ["1", "604801"],
      ["2", "604802"],
      ["604800", "1209600"],
    ],
  );
});

test("never sends an identity's token over plain HTTP", async (t) => {
  const { requests, queueUrl } = await recordingAccount(t);
  const credential = { getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const identity: StorageAccount = { kind: "identity", queueUrl, tableUrl: queueUrl, credential };
  await assert.rejects(createWorkQueue({ account: identity, queueName: "plain", encode: encodeMessage }).sendRaw({}));
  assert.deepEqual(requests, []);
});

test("refuses a delay that is not between 0 and 7 days", async () => {
  const { queue } = workQueue("wrong-delays");
  for (const delayMs of [-1000, 604_800_001, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(queue.send(message, delayMs), RangeError);
  }
});

test("refuses a message whose base64 is larger than 64 KB, without sending it", async () => {
  const { queue, client } = workQueue("sizes");
  const fits = "x".repeat(65_536 * 0.75 - 2); // with the quotes of JSON: 48 KB, 64 KB as base64
  await queue.sendRaw(fits);
  await assert.rejects(queue.sendRaw(`${fits}x`), { name: "RemoteProblem", kind: "rejected", status: 413 });
  assert.equal((await receive(client)).length, 1);
});

test("reports an unreachable account as a passing problem without any of its address", async () => {
  const connectionString = azurite.connectionString.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1");
  const queue = createWorkQueue({
    account: { kind: "connection-string", connectionString },
    queueName: "nowhere",
    encode: encodeMessage,
    timeoutMs: 300,
  });
  await assert.rejects(queue.send(message, 0), (error) => {
    assert.ok(error instanceof RemoteProblem);
    assert.ok(error.passing);
    assert.doesNotMatch(error.message, /127\.0\.0\.1/);
    return true;
  });
});

test("a table keeps the newest chain of each target", async () => {
  const { log } = recordingLog();
  const history = createHistory({ account, tableName: "chains", log });
  const shop = { cluster: "blue/eins", namespace: "shop" };
  assert.equal(await history.chain(shop), undefined);
  await history.keepChain(shop, { chain: "a", scope: "all" });
  await history.keepChain({ ...shop, namespace: "other" }, { chain: "b", scope: "all" });
  const newest = { chain: "c", scope: [{ object: "contoso/secret/color", version: undefined }] } as const;
  await history.keepChain(shop, newest);
  assert.deepEqual(await history.chain(shop), newest);
  assert.deepEqual(await createHistory({ account, tableName: "chains", log }).chain(shop), newest);
  const byHand = { "contoso/secret/color": 1_793_610_000_123 };
  await history.keepChain(shop, { ...newest, byHand });
  assert.deepEqual(await history.chain(shop), { ...newest, byHand });
  await history.keepChain(shop, newest);
  assert.deepEqual(await history.chain(shop), newest, "a word is not kept for a chain without one");
  await history.endChain(shop, "a");
  assert.deepEqual(await history.chain(shop), newest, "an older chain's end leaves the newer one");
  await history.endChain(shop, "c");
  assert.equal(await history.chain(shop), undefined);
});

test("a table keeps which restarts have met old bytes, whoever saw it and whatever becomes of the chain", async () => {
  const { log, lines } = recordingLog();
  const [one, other] = [1, 2].map(() => createHistory({ account, tableName: "reverts", log }));
  assert.ok(one !== undefined && other !== undefined);
  const shop = { cluster: "blue", namespace: "shop" };
  assert.deepEqual(await one.reverted(shop), []);
  await one.keepReverted(shop, ["Deployment/web@1a"]);
  await one.keepChain(shop, { chain: "a", scope: "all" });
  assert.deepEqual(await other.reverted(shop), ["Deployment/web@1a"]);
  await other.keepReverted(shop, ["Deployment/web@1a", "StatefulSet/db@2b"]);
  await one.endChain(shop, "a");
  assert.deepEqual(await one.reverted(shop), ["Deployment/web@1a", "StatefulSet/db@2b"]);
  assert.deepEqual(await one.reverted({ ...shop, namespace: "other" }), []);
  await one.keepReverted(shop, []);
  assert.deepEqual(await other.reverted(shop), []);
  assert.deepEqual(lines, []);
});

test("a table that fails is forgotten history: one line in the log, no error", async () => {
  const { log, lines } = recordingLog();
  const connectionString = azurite.connectionString.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1");
  const options = {
    account: { kind: "connection-string", connectionString },
    tableName: "chains",
    timeoutMs: 100,
  } as const;
  const history = createHistory({ ...options, log });
  assert.equal(await history.chain(message.target), undefined);
  await history.keepChain(message.target, { chain: "a", scope: "all" });
  assert.deepEqual(await history.reverted(message.target), []);
  await history.keepReverted(message.target, ["Deployment/web@1a"]);
  assert.deepEqual(
    lines.map(({ event, fields }) => [event, fields["target"]]),
    Array.from({ length: 4 }, () => ["history-unavailable", "blue/shop"]),
  );
  assert.doesNotMatch(JSON.stringify(lines), /127\.0\.0\.1/);
});

/** A queue service that accepts every message and remembers how it was asked. */
async function recordingAccount(t: TestContext) {
  const requests: { readonly url: URL }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: new URL(request.url ?? "", "http://queue") });
    request.resume().on("end", () => {
      const date = "Fri, 20 Nov 2026 10:00:00 GMT";
      response.writeHead(201, { "content-type": "application/xml" });
      response.end(
        `<QueueMessagesList><QueueMessage><MessageId>1</MessageId><InsertionTime>${date}</InsertionTime>` +
          `<ExpirationTime>${date}</ExpirationTime><PopReceipt>1</PopReceipt><TimeNextVisible>${date}` +
          `</TimeNextVisible></QueueMessage></QueueMessagesList>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const queueUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/account`;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;QueueEndpoint=${queueUrl}`;
  const account: StorageAccount = { kind: "connection-string", connectionString };
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { requests, account, queueUrl };
}

function recordingLog() {
  const lines: { readonly event: string; readonly fields: LogFields }[] = [];
  const record = (event: string, fields: LogFields) => void lines.push({ event, fields });
  return { lines, log: { info: record, warn: record, error: record } };
}
