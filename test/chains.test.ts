/** Which chain of messages goes on with a target. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../local/clock.ts";
import { Chains } from "../shared/chains.ts";
import type { ConvergeResult } from "../shared/converge.ts";
import { emptyMemory } from "../shared/core/memory.ts";
import type { TargetMessage } from "../shared/core/message.ts";
import { createMemoryHistory } from "../shared/memory-history.ts";

const target = { cluster: "blue", namespace: "shop" };
const refused: ConvergeResult = {
  outcomes: new Map([["kv", { kind: "refused", reason: "rolled-back", about: [] }]]),
  next: { kind: "end" },
  memory: emptyMemory,
  seen: undefined,
};

const waits: ConvergeResult = {
  outcomes: new Map([["kv", { kind: "waiting", reason: "old-mount", about: [] }]]),
  next: { kind: "later", atLeastMs: 60_000 },
  memory: emptyMemory,
  seen: undefined,
};
const hint = (name: string) => ({ object: `contoso/secret/${name}`, version: undefined });

test("chains of which none does all that another does become one", async () => {
  const clock = new VirtualClock();
  const waiting: TargetMessage[] = [];
  const queue = { send: async (message: TargetMessage) => void waiting.push(message) };
  const chains = new Chains({ queue, history: createMemoryHistory(), clock });
  for (const names of [["db"], ["mail", "color"], ["db", "color"], ["mail"]])
    await chains.handOver(chains.begin(target, names.map(hint), { [`contoso/secret/${names[0] ?? ""}`]: 7 }), 0);
  for (let round = 1; round <= 3; round += 1)
    for (const message of waiting.splice(0)) {
      await clock.advance(10);
      const resumed = await chains.resume(message);
      if (resumed !== undefined) await chains.goOn(resumed, waits);
    }
  assert.equal(waiting.length, 1);
  const [left] = waiting;
  assert.deepEqual(left?.scope === "all" ? [] : left?.scope.map(({ object }) => object.slice(15)).sort(), [
    "color",
    "db",
    "mail",
  ]);
  assert.deepEqual(left?.byHand, { "contoso/secret/db": 7, "contoso/secret/mail": 7 });
});

test("what is taken over is waited for as if it had just begun, and its record stays until the message is sent", async () => {
  const clock = new VirtualClock();
  const history = createMemoryHistory();
  const chains = new Chains({ queue: { send: async () => {} }, history, clock });
  const begun = chains.begin(target, [hint("db")]);
  const message = { ...begun, memory: { ...emptyMemory, delayMs: 960_000 } };
  await clock.advance(10);
  const other = await chains.join(chains.begin(target, [hint("mail")]));
  const resumed = await chains.resume(message);
  assert.equal(resumed?.memory.delayMs, 0);
  assert.equal(resumed.chain, begun.chain);
  // It dies now, and comes again: nothing counts it as done.
  assert.equal((await history.chain(target))?.chain, other.chain);
  assert.deepEqual(await chains.resume(message), resumed);
});

test("a chain that ends says nothing of a newer one: its message is still worked on", async () => {
  const clock = new VirtualClock();
  const sent: TargetMessage[] = [];
  const queue = { send: async (message: TargetMessage) => void sent.push(message) };
  const chains = new Chains({ queue, history: createMemoryHistory(), clock });
  const older = await chains.join(chains.begin(target, "all"));
  await clock.advance(1000);
  // An event comes while the older chain's run ends.
  const newer = await chains.join(chains.begin(target, [{ object: "contoso/secret/db", version: undefined }]));
  await clock.advance(1000);
  await chains.goOn(older, refused);
  assert.equal(await chains.resume(newer), newer);
  // Its own end is told to whatever is left of it.
  await clock.advance(1000);
  await chains.goOn(newer, refused);
  assert.equal(await chains.resume(newer), undefined);
});
