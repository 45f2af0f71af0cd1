import { test } from "node:test";
import assert from "node:assert/strict";
import * as z from "zod";
import { type App, ConfigurationProblem } from "../../functions/deps.ts";
import { keyVaultEvent } from "../../functions/key-vault-event.ts";
import { createLog } from "../../functions/log.ts";
import { reconcile } from "../../functions/reconcile.ts";
import { rotatePoison } from "../../functions/rotate-poison.ts";
import { rotate } from "../../functions/rotate.ts";
import type { Bridge } from "../../shared/bridge.ts";
import { parseReconcileMessage } from "../../shared/core/reconcile/message.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { readMessage } from "../../shared/core/secret-event.ts";

const event = {
  id: "1",
  topic: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-shop",
  subject: "db-password",
  eventType: "Microsoft.KeyVault.SecretNewVersionCreated",
  eventTime: "2026-11-20T10:00:00Z",
  data: { VaultName: "kv-shop", ObjectType: "Secret", ObjectName: "db-password", Version: "a".repeat(32) },
  dataVersion: "1",
};

/** An app in memory: what is called, and with what. */
function setUp(change: Partial<App> = {}, bridgeChange: Partial<Bridge> = {}) {
  const calls: unknown[][] = [];
  const lines: Record<string, unknown>[] = [];
  const note = (line: string) => void lines.push(JSON.parse(line));
  const context = {
    invocationId: "i",
    functionName: "f",
    triggerMetadata: { dequeueCount: 3 },
    info: note,
    warn: note,
    error: note,
  };
  const bridge: Bridge = {
    onMessage: async (body) => {
      calls.push(["onMessage", body]);
      return {
        ignored: [{ reason: "unknown-vault", about: "kv-x" }],
        targets: [{ target: "blue/shop", outcome: "waiting", reason: "settling" }],
      };
    },
    reconcile: () => Promise.reject(new Error("The timer's work is the queue's.")),
    onPoison: async (body, info) => void calls.push(["onPoison", body, info]),
    ...bridgeChange,
  };
  const app: App = {
    bridge,
    readMessage,
    checkEnvelope: async () => true,
    enqueue: async (body) => void calls.push(["enqueue", body]),
    http: {
      plan: () => assert.fail(),
      status: () => assert.fail(),
      rotate: () => assert.fail(),
      replay: () => assert.fail(),
    },
    ...change,
  };
  return { calls, lines, context, app, deps: { log: createLog("info", note), app: async () => app } };
}

test("rotate gives the message to the bridge and logs what became of it", async () => {
  const { calls, lines, context, deps } = setUp();
  await rotate(deps)(event, context);
  assert.deepEqual(calls, [["onMessage", event]]);
  assert.deepEqual(lines, [
    { level: "info", event: "message-ignored", function: "f", reason: "unknown-vault", about: "kv-x" },
    { level: "info", event: "target-done", function: "f", target: "blue/shop", outcome: "waiting", reason: "settling" },
  ]);
});

test("rotate fails when the message could not be handed over, in words of ours", async () => {
  const problem = new RemoteProblem("throttled", "Could not send to queue rotations: storage answered 503.", 503);
  const { lines, context, deps } = setUp({}, { onMessage: () => Promise.reject(problem) });
  await assert.rejects(rotate(deps)(event, context), { message: problem.message });
  assert.deepEqual(
    lines.map((line) => [line["level"], line["event"], line["kind"], line["status"]]),
    [["error", "invocation-failed", "throttled", 503]],
  );
});

test("no text of a foreign error leaves a handler or reaches the log", async () => {
  const { lines, context, deps } = setUp({}, { onMessage: () => Promise.reject(new TypeError("hunter2")) });
  await assert.rejects(rotate(deps)(event, context), (error) => !String(error).includes("hunter2"));
  assert.equal(lines[0]?.["kind"], "TypeError");
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

test("a poison message goes to the bridge with its dequeue count", async () => {
  const { calls, context, deps } = setUp();
  await rotatePoison(deps)("not json", context);
  assert.deepEqual(calls, [["onPoison", "not json", { dequeueCount: 3 }]]);
});

test("the timer puts its message on the queue, where the process that rotates takes it", async () => {
  const { calls, lines, context, deps } = setUp();
  await reconcile(deps)({}, context);
  const [[call, message]] = z.tuple([z.tuple([z.string(), z.unknown()])]).parse(calls);
  assert.equal(call, "enqueue");
  assert.deepEqual(parseReconcileMessage(JSON.stringify(message)), message);
  assert.deepEqual(lines, []);
});

test("an Event Grid delivery is put on the queue as it came", async () => {
  const { calls, context, deps } = setUp();
  await keyVaultEvent(deps)(event, context);
  assert.deepEqual(calls, [["enqueue", event]]);
});

test("what is no event of ours is dropped with a reason instead of failing the delivery", async () => {
  const cases: readonly (readonly [unknown, Partial<App>, string])[] = [
    [{ ...event, eventType: "Microsoft.KeyVault.SecretNearExpiry" }, {}, "other-event"],
    [{ hello: "world" }, {}, "not-an-event"],
    ["text", {}, "not-json"],
    [event, { checkEnvelope: async () => false }, "not-an-event"],
    [event, { enqueue: () => Promise.reject(new RemoteProblem("rejected", "too large", 413)) }, "too-large"],
  ];
  for (const [body, change, reason] of cases) {
    const { calls, lines, context, deps } = setUp(change);
    await keyVaultEvent(deps)(body, context);
    assert.deepEqual([calls, lines.map((line) => line["reason"])], [[], [reason]]);
  }
});

test("an event that could not be put on the queue fails the delivery, so that it comes again", async () => {
  const problem = new RemoteProblem("unavailable", "Could not send to queue rotations.");
  const { context, deps } = setUp({ enqueue: () => Promise.reject(problem) });
  await assert.rejects(keyVaultEvent(deps)(event, context), { message: problem.message });
});

test("every invocation fails with one line that names all problems of the configuration", async () => {
  const { lines, context, deps } = setUp();
  const broken = { ...deps, app: () => Promise.reject(new ConfigurationProblem(["a: wrong", "b: missing"])) };
  for (const handler of [rotate, rotatePoison, keyVaultEvent, reconcile]) {
    await assert.rejects(handler(broken)(event, context), /configuration-invalid/);
  }
  assert.deepEqual(
    lines.map((line) => [line["event"], line["problems"]]),
    Array.from({ length: 4 }, () => ["configuration-invalid", ["a: wrong", "b: missing"]]),
  );
});

test("a log writes nothing below its level, and lines outside an invocation to its own output", () => {
  const lines: string[] = [];
  const log = createLog("warn", (line) => void lines.push(line));
  log.info("quiet", {});
  log.warn("loud", { count: 2 });
  assert.deepEqual(lines, ['{"level":"warn","event":"loud","count":2}']);
});

test("a line stays readable and small, whatever its fields hold", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => void lines.push(line));
  const about = Array.from({ length: 100 }, (_, index) => `Pod/app-${index}`);
  log.info("outcome", { about, reason: "x\u202e\u2028".repeat(1000), looked: 3, function: undefined });
  const line: Record<string, unknown> = JSON.parse(lines[0] ?? "");
  assert.deepEqual(line["about"], [...about.slice(0, 40), "and 60 more"]);
  assert.match(String(line["reason"]), /^[x?]{500}…$/);
  assert.equal(line["looked"], 3);
  log.error("configuration-invalid", { problems: Array.from({ length: 1000 }, () => "é".repeat(10_000)) });
  assert.ok((lines[1] ?? "").length < 32_768);
});
