import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { VirtualClock } from "../local/clock.ts";
import { vaultPort } from "../local/key-vault/vault-port.ts";
import type { VaultCall } from "../local/key-vault/vault-port.ts";
import { VaultStore } from "../local/key-vault/vault-store.ts";
import type { Vault } from "../shared/ports.ts";
import { sharedVault } from "../shared/shared-vault.ts";
import { secretObject } from "./core/plan/builders.ts";

const db = secretObject("db");

interface House {
  readonly clock: VirtualClock;
  readonly store: VaultStore;
  readonly vault: Vault;
  /** Calls that were begun, in order. */
  readonly calls: VaultCall[];
}

/** A vault of which every answer takes `latencyMs` and tells what was current when it was asked. */
function house(latencyMs: number): House {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock, vaults: ["contoso"] });
  const calls: VaultCall[] = [];
  const plain = vaultPort(store, { before: (call) => void calls.push(call) });
  const late = <T>(answer: Promise<T>) => answer.then((given) => clock.sleep(latencyMs).then(() => given));
  const vault = sharedVault({
    ...plain,
    current: (object, pin) => late(plain.current(object, pin)),
    version: (object, id) => late(plain.version(object, id)),
    versions: (object) => late(plain.versions(object)),
    before: (object, id) => late(plain.before(object, id)),
  });
  return { clock, store, vault, calls };
}

test("no answer is older than its question, and calls for one object never overlap, however many ask", async () => {
  const asks = fc.array(fc.record({ atMs: fc.nat(400), sets: fc.boolean() }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(asks, fc.integer({ min: 1, max: 90 }), async (all, latencyMs) => {
      const { clock, store, vault, calls } = house(latencyMs);
      store.setSecret("contoso", "db", "0");
      let newest = 0;
      const asking = all.map(async ({ atMs, sets }) => {
        await clock.sleep(atMs);
        if (sets) {
          newest += 1;
          store.setSecret("contoso", "db", String(newest));
        }
        const asked = newest;
        const answer = await vault.current(db);
        assert.ok(answer.ok);
        assert.ok(Number(new TextDecoder().decode(answer.current.value.reveal())) >= asked);
      });
      await clock.until(Promise.all(asking));
      // One after the other from the first question to the last answer.
      assert.ok(calls.length <= all.length);
      assert.ok(calls.length <= Math.ceil(400 / latencyMs) + 2, `${calls.length} calls of ${latencyMs} ms`);
    }),
    { numRuns: 100, seed: 5 },
  );
});

test("the fan-out law: of a thousand who ask together two calls serve all, one for the first and one for the rest", async () => {
  const { clock, store, vault, calls } = house(30);
  store.setSecret("contoso", "db", "one");
  const answers = await clock.until(Promise.all(Array.from({ length: 1000 }, () => vault.current(db))));
  assert.equal(calls.length, 2);
  const versions = new Set(answers.map((answer) => (answer.ok ? answer.current : undefined)));
  assert.equal(versions.size, 1, "all hold one and the same version, so that what is made of it is made once");
});

test("lists, single versions and versions before are shared in the same way; what came before is asked for once", async () => {
  const { clock, store, vault, calls } = house(30);
  const old = store.setSecret("contoso", "db", "one", { createdOn: clock.now() - 60_000 });
  const now = store.setSecret("contoso", "db", "two");
  const many = <T>(ask: () => Promise<T>) => clock.until(Promise.all(Array.from({ length: 100 }, ask)));
  await many(() => vault.versions(db));
  await many(() => vault.version(db, old.version));
  const before = await many(() => vault.before(db, now.version));
  assert.deepEqual(
    calls.map(({ method }) => method),
    ["versions", "versions", "version", "version", "before", "before"],
  );
  assert.equal(await vault.before(db, now.version), before[0]);
  assert.equal(calls.length, 6);
});

test("an answer that says something else is not taken for the one before", async () => {
  const { clock, store, vault } = house(30);
  const version = "0".repeat(32);
  store.setSecret("contoso", "db", "one", { version });
  const first = await clock.until(vault.current(db));
  store.remove("contoso", "db");
  store.setSecret("contoso", "db", "two", { version });
  const second = await clock.until(vault.current(db));
  assert.ok(first.ok && second.ok);
  assert.equal(new TextDecoder().decode(second.current.value.reveal()), "two");
});

test("other objects, and other versions of one object, are asked for side by side", async () => {
  const { clock, store, vault, calls } = house(30);
  const { version } = store.setSecret("contoso", "db", "one");
  store.setSecret("contoso", "other", "one");
  const start = clock.now();
  await clock.until(Promise.all([vault.current(db), vault.current(db, version), vault.current(secretObject("other"))]));
  assert.equal(calls.length, 3);
  assert.equal(clock.now() - start, 30);
});

test("a call that fails fails those who share it, and the next question is asked anew", async () => {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock, vaults: ["contoso"] });
  store.setSecret("contoso", "db", "one");
  const plain = vaultPort(store);
  let broken = true;
  const vault = sharedVault({
    ...plain,
    current: async (object, pin) => {
      await clock.sleep(10);
      if (broken) throw new Error("a defect");
      return plain.current(object, pin);
    },
  });
  const results = await clock.until(Promise.allSettled([vault.current(db), vault.current(db), vault.current(db)]));
  assert.deepEqual(
    results.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  broken = false;
  assert.equal((await clock.until(vault.current(db))).ok, true);
});
