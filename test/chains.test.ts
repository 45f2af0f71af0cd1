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
  assert.equal(await chains.isOlder(newer), false);
  // Its own end is told to whatever is left of it.
  await clock.advance(1000);
  await chains.goOn(newer, refused);
  assert.equal(await chains.isOlder(newer), true);
});
