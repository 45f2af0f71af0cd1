/** What somebody begins again and again is looked at less and less often, whatever a look in between finds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Scope } from "../../../shared/core/message.ts";
import type { Pod } from "../../../shared/core/observed.ts";
import { watchedOf } from "../../../shared/core/plan/memory-keys.ts";
import { LookBook } from "../../../shared/look-book.ts";
import type { Outcome } from "../../../shared/core/reasons.ts";
import { driverOf, hour, minute, noon, policyOf, second } from "./builders.ts";
import { app, decide, mails } from "./one-mounter.ts";

const now = noon + hour;
const watched = "watched/Deployment/app";
const since = (at: number) => ({ firstSeen: { [watched]: at } });
const madeAt = (createdAt: number, changes: Partial<Pod> = {}): readonly Pod[] =>
  app.pods.map((pod) => ({ ...pod, createdAt, readyChangedAt: createdAt, lastStartedAt: createdAt, ...changes }));
const unmarked = { marker: undefined, workload: { ...app.workload, restartedByUsAt: undefined } };

test("rollouts that follow each other count as one, until a while after the last", () => {
  const first = noon + 20 * minute;
  const kept = (given: Parameters<typeof decide>[0]) =>
    decide({ memory: since(first), ...given }).memory.firstSeen[watched] === first;
  assert.ok(kept({ pods: madeAt(now - 9 * minute) }));
  assert.ok(!kept({ pods: madeAt(now - 11 * minute) }));
  // What waits for Reloader, or for anything, is not done: its next rollout is only a matter of time.
  assert.ok(kept({ ...unmarked, pods: madeAt(noon - hour) }));
  // All its pods are replaced at once: just now there is none.
  assert.ok(kept({ pods: [] }));
  assert.ok(!kept({ pods: [], workload: { ...app.workload, desired: 0 } }));
  assert.deepEqual(decide({ pods: madeAt(now - minute) }).memory.firstSeen[watched], undefined);
});

test("the last look at what is made anew all the time, and the wait for Reloader, grow with that", () => {
  const next = (given: Parameters<typeof decide>[0]) => decide(given).next;
  const young = { pods: madeAt(now - 2 * second) };
  // A decision is the second look's, two seconds later.
  const for20 = since(now + 2 * second - 20 * minute);
  assert.deepEqual(next(young), { kind: "soon", ms: 5000 });
  assert.deepEqual(next({ ...young, memory: for20 }), { kind: "soon", ms: 20_000 });
  const reloader = {
    ...unmarked,
    workload: { ...unmarked.workload, reloader: { all: true, secrets: new Set<string>() } },
  };
  const old = { ...reloader, pods: madeAt(noon - hour), shows: "v-before" };
  assert.deepEqual(next(old), { kind: "soon", ms: 2000 });
  assert.deepEqual(next({ ...old, memory: for20 }), { kind: "soon", ms: 13_000 });
});

test("a restart of our own is watched from its beginning", () => {
  const workload = {
    ...app.workload,
    restartedByUsAt: now - minute,
    rollout: { ...app.workload.rollout, updated: 1, total: 3, completed: false },
  };
  const decided = decide({ workload, memory: since(noon), pods: madeAt(now - second) });
  assert.deepEqual(decided.next, { kind: "soon", ms: 1500 });
});

test("mounts that the last restart left old are said to be, without a wait at each look that begins anew", () => {
  const said = (attempt: number, age: number) => {
    const marker = `${app.workload.marker ?? ""} #${attempt}`;
    const driver = driverOf("1.6", "off");
    const found = decide({ marker, driver, shows: "v-before", pods: madeAt(now - age) }).outcomes.get("mails");
    return found?.kind === "converged" ? "converged" : found?.reason;
  };
  assert.equal(said(3, minute), "mounts-stale");
  assert.equal(said(3, 10 * second), "rollout-running");
  assert.equal(said(2, minute), "rollout-running");
});

test("a pass of the timer goes on with what its process has watched, of what is not proven", () => {
  const target = { cluster: "blue", namespace: "shop" };
  const book = new LookBook();
  const memory = { ...emptyMemory, firstSeen: { [watched]: noon, "right/mails": noon } };
  const event = [{ object: "contoso/secret/mail", version: undefined }];
  const note = (outcome: Outcome, scope: Scope = "all") =>
    book.note(
      target,
      policyOf(),
      scope,
      { outcomes: new Map([[mails.name, outcome]]), next: { kind: "end" }, memory, seen: undefined },
      now,
    );
  assert.deepEqual(book.watched(target), emptyMemory);
  note({ kind: "waiting", reason: "rollout-running", about: [] });
  assert.deepEqual(book.watched(target), { ...emptyMemory, firstSeen: { [watched]: noon } });
  assert.deepEqual(book.watched(target), watchedOf(memory));
  note({ kind: "converged", idle: false }, event);
  assert.deepEqual(book.watched(target), watchedOf(memory));
  note({ kind: "converged", idle: false });
  assert.deepEqual(book.watched(target), emptyMemory);
  note({ kind: "waiting", reason: "old-mount", about: [] });
  book.keepOnly(new Set(["blue"]), new Set());
  assert.deepEqual(book.watched(target), emptyMemory);
});
