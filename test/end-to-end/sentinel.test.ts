/** A value that went through every path of the app is seen nowhere but in the Secret and in the pods. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TableClient } from "@azure/data-tables";
import type { QueueClient } from "@azure/storage-queue";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { leaksIn } from "./leaks.ts";
import { vaultName } from "./names.ts";
import { startStage } from "./stage.ts";
import { type Path, paths } from "./sentinel-paths.ts";
import { hidden, secrets, sentinel } from "./sentinels.ts";
import { eventOf, setUp, type Walkthrough } from "./walkthrough.ts";

const stage = await startStage();
test.after(() => stage.close());
const { blue, green } = stage;

// Refuses from the start, and is asked by one app only: the others' tokens do not depend on who is faster.
const refusing = await startIdentityEndpoint();
refusing.failWith(400);
test.after(() => refusing.close());

// `https` and `net` are left out: there Node itself prints the headers of every request of its http client.
const loud = { AZURE_LOG_LEVEL: "verbose", NODE_DEBUG: "undici,http,http2,tls" };
const [main, unqueued, signedOut] = await Promise.all([
  stage.startApp({ name: "sentinel", namespaces: ["s-*"], env: loud }),
  stage.startApp({ name: "unqueued", namespaces: ["unqueued"], env: { ...loud, ROTATION_TIME_BUDGET: "10s" } }),
  stage.startApp({ name: "signed-out", namespaces: ["signed-out"], env: { ...loud, ...refusing.environment } }),
]);
const apps = [main, unqueued, signedOut];
const answers: string[] = [];

async function follow(path: Path, index: number): Promise<void> {
  const { name } = path;
  const cluster = index % 2 === 0 ? blue : green;
  const oldValue = (path.oldValue ?? sentinel)(`${name}, before`);
  const spec: Walkthrough = {
    cluster,
    namespace: `s-${name}`,
    object: name,
    oldValue,
    ...(path.class === undefined ? {} : { class: path.class }),
  };
  await setUp(stage, spec);
  path.afterStart?.(spec);
  const value = (path.value ?? sentinel)(name);
  if (path.vault !== undefined) stage.vault.faults.add({ name }, ...path.vault);
  if (path.api !== undefined) {
    const [verb, kind, times, fault] = path.api;
    const echo = [value, oldValue].map((text) => Buffer.from(text).toString("base64")).join(" ") + value;
    let left = times;
    cluster.faults.push(({ verb: asked, route }) => {
      if (asked !== verb || route.kind.kind !== kind || route.namespace !== spec.namespace || left <= 0)
        return undefined;
      left -= 1;
      return fault(echo);
    });
  }
  const version = stage.vault.setSecret(vaultName, name, value);
  await main.deliver(path.message?.(spec) ?? eventOf(name, version));
  const [target, of] = [`${cluster.name}/${spec.namespace}`, path.of ?? "kv"];
  const ends = (outcome: string) => (typeof path.ends === "string" ? path.ends === outcome : path.ends.test(outcome));
  await main.until(`${target} ${path.ends}`, () => ends(main.outcome(target, of) ?? ""));
}

/** Storage fails for sends and for the history; the webhook's caller and the host hear of it. */
async function withoutStorage(): Promise<void> {
  const spec: Walkthrough = {
    cluster: blue,
    namespace: "unqueued",
    object: "unqueued",
    oldValue: sentinel("unqueued, before"),
  };
  await setUp(stage, spec);
  stage.queueFront.fault = (method, path) =>
    method === "POST" && path.endsWith("/unqueued/messages") ? 500 : undefined;
  stage.tableFront.fault = (_method, path) => (path.includes("historyunqueued") ? "reset" : undefined);
  const event = eventOf(spec.object, stage.vault.setSecret(vaultName, spec.object, sentinel("unqueued")));
  const answer = await unqueued.post(event);
  assert.equal(answer.status, 500);
  answers.push(await answer.text());
  await unqueued.deliver(event);
  await unqueued.poison.createIfNotExists();
  const texts = [sentinel("not JSON"), JSON.stringify({ message: sentinel("not an event") })];
  for (const queue of [unqueued.queue, unqueued.poison]) {
    for (const text of texts) await queue.sendMessage(Buffer.from(text).toString("base64"));
  }
  await unqueued.until("the failure", () => unqueued.said("invocation-failed").length > 1);
  await unqueued.until("the poison function", () => unqueued.said("given-up").length === 2);
  await unqueued.until("the history's failure", () => unqueued.said("history-unavailable").length > 0);
}

/** The identity endpoint refuses: neither vault nor cluster can be asked. */
async function withoutTokens(): Promise<void> {
  const spec: Walkthrough = {
    cluster: blue,
    namespace: "signed-out",
    object: "signed-out",
    oldValue: sentinel("signed out, before"),
  };
  await setUp(stage, spec);
  await signedOut.deliver(eventOf(spec.object, stage.vault.setSecret(vaultName, spec.object, sentinel("signed out"))));
  const outcome = () => signedOut.outcome("blue/signed-out", "kv");
  await signedOut.until("the vault's silence", () => outcome() === "waiting(vault-unavailable)");
  await signedOut.until("the cluster's", () => signedOut.outcome("green/*", "*") === "waiting(cluster-unreachable)");
}

await test("a value, a token or a key shows in no line, answer, message, row or object", async (t) => {
  await t.test("every path ends as it should", { concurrency: true }, async (t) => {
    for (const [index, path] of paths.entries()) t.test(`${path.name}: ${path.ends}`, () => follow(path, index));
    t.test("without storage", withoutStorage);
    t.test("without tokens", withoutTokens);
  });

  for (const token of stage.tokens) hidden("a token", token);
  hidden("the token of blue", blue.token ?? "");
  for (const { environment } of [stage.identity, refusing]) hidden("an identity header", environment.IDENTITY_HEADER);
  hidden("the storage key", /AccountKey=([^;]+)/.exec(stage.connectionString)?.[1] ?? "");
  const text = apps
    .flatMap((app) => app.lines)
    .map(({ message }) => message)
    .join("\n");

  await t.test("the app was as loud as it can be", () => {
    for (const sign of [/azure:core-rest-pipeline/i, /azure:identity/i, /UNDICI \d+:/, /HTTP \d+:/])
      assert.ok(sign.test(text), String(sign));
  });
  await t.test("not in anything that the app printed, logged or threw", () =>
    assert.deepEqual(leaksIn(text, secrets), []),
  );
  await t.test("not in what was sent to storage", () => {
    const sent = [...stage.queueFront.requests, ...stage.tableFront.requests];
    assert.ok(sent.length > 50);
    assert.deepEqual(leaksIn(sent.join("\n"), secrets), []);
  });
  await t.test("not in what storage holds", async () => {
    const held = await Promise.all([
      ...apps.flatMap((app) => [rawMessages(app.queue), rawMessages(app.poison)]),
      rows("historysentinel"),
    ]);
    assert.notEqual(held.at(-1), "");
    assert.deepEqual(leaksIn(held.join("\n"), secrets), []);
  });
  await t.test("not in what the webhook answered", () => assert.deepEqual(leaksIn(answers.join("\n"), secrets), []));
  await t.test("not in the cluster, outside of Secrets and of the class that was given one", () => {
    const kinds = ["Deployment", "ReplicaSet", "Pod", "Event", "SecretProviderClassPodStatus"] as const;
    const objects = [blue, green].flatMap(({ local }) =>
      kinds.flatMap((kind) => local.store.list(kind, undefined).items),
    );
    assert.deepEqual(leaksIn(JSON.stringify(objects), secrets), []);
  });
  await t.test("a line that shows one of them would have been found", () => {
    for (const { name, value } of secrets) {
      const base64 = Buffer.from(value).toString("base64");
      const found = leaksIn(`${text.slice(0, 1000)}\n{"level":"error","body":"${base64}"}`, secrets);
      assert.ok(
        found.some((leak) => leak.startsWith(`${name} as base64`)),
        name,
      );
    }
  });
});

/** As they are and decoded. Messages that are not visible yet were seen when they were sent. */
async function rawMessages(queue: QueueClient): Promise<string> {
  if (!(await queue.exists())) return "";
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems
    .map(({ messageText }) => `${messageText}\n${Buffer.from(messageText, "base64").toString()}`)
    .join("\n");
}

async function rows(table: string): Promise<string> {
  const client = TableClient.fromConnectionString(stage.azurite.connectionString, table, {
    allowInsecureConnection: true,
  });
  const found: string[] = [];
  for await (const row of client.listEntities()) found.push(JSON.stringify(row));
  return found.join("\n");
}
