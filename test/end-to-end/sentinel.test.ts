/** A value that went through every path of the app is seen nowhere but in the Secret and in the pods. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { TableClient } from "@azure/data-tables";
import type { QueueClient } from "@azure/storage-queue";
import type { Fault } from "../../local/cluster/http-faults.ts";
import type { FrontRequest } from "../../local/cluster/http-front.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import type { ClassSpec } from "../scenarios/manifests.ts";
import { leaksIn, type Secret } from "./leaks.ts";
import { vaultName } from "./names.ts";
import { startRig } from "./rig.ts";
import { eventOf, setUp, type Walkthrough } from "./walkthrough.ts";

const rig = await startRig();
test.after(() => rig.close());
const { blue, green } = rig;

const secrets: Secret[] = [];
/** A value like no other, whose encodings differ from itself. */
function sentinel(name: string): string {
  const half = () => `${randomBytes(15).toString("base64url")}+/é & ${randomBytes(6).toString("base64url")}`;
  return hidden(name, `${half()}=${half()}`);
}
function hidden(name: string, value: string): string {
  secrets.push({ name, value });
  return value;
}

// `https` and `net` are left out: there Node itself prints the headers of every request of its http client.
const loud = { AZURE_LOG_LEVEL: "verbose", NODE_DEBUG: "undici,http,http2,tls" };
const [main, unqueued, signedOut] = await Promise.all([
  rig.startApp({ name: "sentinel", namespaces: ["s-*"], env: loud }),
  rig.startApp({ name: "unqueued", namespaces: ["unqueued"], env: { ...loud, ROTATION_TIME_BUDGET: "10s" } }),
  rig.startApp({ name: "signed-out", namespaces: ["signed-out"], env: loud }),
]);
const apps = [main, unqueued, signedOut];
const answers: string[] = [];

interface Path {
  readonly name: string;
  readonly ends: string | RegExp;
  /** Whose outcome that is: `kv` by default. */
  readonly of?: "*" | "kv";
  readonly value?: (name: string) => string;
  readonly oldValue?: (name: string) => string;
  readonly class?: Partial<ClassSpec>;
  readonly vault?: readonly [VaultFault, number];
  /** Which requests go wrong, how often and how; `echo` holds what the request may have held. */
  readonly api?: readonly [FrontRequest["verb"], KindName, number, (echo: string) => Fault];
  /** Instead of the event. */
  readonly message?: (spec: Walkthrough) => object;
  readonly afterStart?: (spec: Walkthrough) => void;
}

const always = Number.POSITIVE_INFINITY;
const status =
  (code: number, message: string) =>
  (echo: string): Fault => ({
    kind: "status",
    status: code,
    body: JSON.stringify({ kind: "Status", status: "Failure", code, reason: "Invalid", message: `${message} ${echo}` }),
  });
const hexText = (name: string) => hidden(name, randomBytes(24).toString("hex"));

/** base64 in the vault, bytes in the Secret. */
function binary(name: string): string {
  const bytes = randomBytes(48);
  secrets.push({ name: `${name}, decoded`, value: bytes });
  return hidden(name, bytes.toString("base64"));
}

function encoded(object: string, objectEncoding: string): Partial<ClassSpec> {
  return { objects: [{ objectName: object, objectEncoding }] };
}

/** A certificate that is none: the vault's text goes through the PEM and PFX readers. */
const certificate = (name: string) => `-----BEGIN CERTIFICATE-----\n${sentinel(name)}\n-----END CERTIFICATE-----\n`;

const paths: readonly Path[] = [
  { name: "success", ends: "converged" },
  { name: "binary", ends: "converged", value: binary, oldValue: binary, class: encoded("binary", "base64") },
  { name: "large", ends: "converged", value: (name) => `${"x".repeat(20_000)}${sentinel(name)}` },
  { name: "vault-403", ends: "refused(object-forbidden)", vault: [{ kind: "forbidden" }, always] },
  { name: "vault-404", ends: "refused(object-missing)", vault: [{ kind: "not-found" }, always] },
  {
    name: "vault-429",
    ends: "waiting(vault-unavailable)",
    vault: [{ kind: "throttled", retryAfterSeconds: 1 }, always],
  },
  { name: "vault-500", ends: "waiting(vault-unavailable)", vault: [{ kind: "server-error" }, always] },
  { name: "vault-reset", ends: "converged", vault: [{ kind: "reset" }, 2] },
  { name: "vault-hangs", ends: "converged", vault: [{ kind: "hang" }, 1] },
  { name: "write-409", ends: "converged", api: ["patch", "Secret", 3, status(409, "the object has been modified")] },
  { name: "write-422", ends: "failed(patch-rejected)", api: ["patch", "Secret", always, status(422, "invalid")] },
  { name: "write-500", ends: "converged", api: ["patch", "Secret", 2, status(500, "etcd:")] },
  {
    name: "write-503",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["patch", "Secret", always, status(503, "down")],
  },
  {
    name: "write-denied",
    ends: "failed(patch-rejected)",
    api: ["patch", "Secret", always, status(403, 'admission webhook "policy.example" denied the request:')],
  },
  { name: "write-403", ends: "refused(no-rbac)", api: ["patch", "Secret", always, status(403, "forbidden")] },
  { name: "write-401", ends: "refused(no-rbac)", api: ["patch", "Secret", always, status(401, "Unauthorized")] },
  { name: "restart-422", ends: "failed(patch-rejected)", api: ["patch", "Deployment", always, status(422, "invalid")] },
  { name: "read-403", ends: "refused(no-rbac)", api: ["get", "Secret", always, status(403, "forbidden")] },
  {
    name: "read-broken",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["get", "Secret", always, (echo) => ({ kind: "status", status: 200, body: `{"data": {"mysecret": "${echo}` })],
  },
  {
    name: "read-other",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["list", "Pod", always, (echo) => ({ kind: "status", status: 500, body: `<html>${echo}</html>` })],
  },
  { name: "not-hex", ends: "refused(class-invalid)", oldValue: hexText, class: encoded("not-hex", "hex") },
  {
    name: "malformed-class",
    ends: "refused(class-invalid)",
    // An event finds no class whose objects cannot be read; a look at the whole target does.
    message: ({ cluster, namespace }) => {
      const target = { cluster: cluster.name, namespace };
      return JSON.parse(
        encodeMessage({ kind: "target", v: 1, target, chain: "chain", scope: "all", memory: emptyMemory }),
      );
    },
    afterStart: ({ cluster, namespace }) => {
      const objects = `array:\n  - |\n    objectName: "${sentinel("malformed class")}\n    objectType: [secret\n`;
      cluster.local.patch("SecretProviderClass", namespace, "kv", { spec: { parameters: { objects } } });
    },
  },
  {
    name: "not-a-certificate",
    ends: /^refused/,
    value: certificate,
    afterStart: ({ cluster, namespace, object }) => {
      const secretObjects = [
        { secretName: "syncedsecret", type: "Opaque", data: [{ key: "mysecret", objectName: object }] },
        { secretName: "tls", type: "kubernetes.io/tls", data: [{ key: "tls.crt", objectName: object }] },
      ];
      cluster.local.patch("SecretProviderClass", namespace, "kv", { spec: { secretObjects } });
    },
  },
];

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
  await setUp(rig, spec);
  path.afterStart?.(spec);
  const value = (path.value ?? sentinel)(name);
  if (path.vault !== undefined) rig.vault.faults.add({ name }, ...path.vault);
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
  const version = rig.vault.setSecret(vaultName, name, value);
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
  await setUp(rig, spec);
  rig.queueFront.fault = (method, path) => (method === "POST" && path.endsWith("/unqueued/messages") ? 500 : undefined);
  rig.tableFront.fault = (_method, path) => (path.includes("historyunqueued") ? "reset" : undefined);
  const event = eventOf(spec.object, rig.vault.setSecret(vaultName, spec.object, sentinel("unqueued")));
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
  await setUp(rig, spec);
  // By now the other apps have the tokens that they need, for a day.
  await main.until("main's tokens", () => rig.tokens.size >= 4);
  rig.identity.failWith(400);
  await signedOut.deliver(eventOf(spec.object, rig.vault.setSecret(vaultName, spec.object, sentinel("signed out"))));
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

  for (const token of rig.tokens) hidden("a token", token);
  hidden("the token of blue", blue.token ?? "");
  hidden("the identity header", rig.identity.environment.IDENTITY_HEADER);
  hidden("the storage key", /AccountKey=([^;]+)/.exec(rig.connectionString)?.[1] ?? "");
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
    const sent = [...rig.queueFront.requests, ...rig.tableFront.requests];
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
  const client = TableClient.fromConnectionString(rig.azurite.connectionString, table, {
    allowInsecureConnection: true,
  });
  const found: string[] = [];
  for await (const row of client.listEntities()) found.push(JSON.stringify(row));
  return found.join("\n");
}
