import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { type VaultCall, vaultPort } from "../../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";

const db = { vault: "shop", type: "secret", name: "db" } as const;

test("the hook hears of each call before the vault does, and may stop it", async () => {
  const store = new VaultStore({ clock: new VirtualClock(), vaults: ["shop"] });
  const { version } = store.setSecret("shop", "db", "value");
  const calls: VaultCall[] = [];
  const vault = vaultPort(store, {
    before: (call) => {
      calls.push(call);
      if (calls.length === 4) throw new Error("killed");
    },
  });
  await vault.current(db);
  await vault.version(db, version);
  await vault.before(db, version);
  await assert.rejects(vault.current(db, version), /killed/);
  assert.deepEqual(calls, [
    { method: "current", object: db, version: undefined },
    { method: "version", object: db, version },
    { method: "before", object: db, version },
    { method: "current", object: db, version },
  ]);
});

test("waits pass in the store's time: back-off, slow answers, time-outs", async () => {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock });
  store.setSecret("shop", "db", "value");
  const vault = vaultPort(store, { timeoutMs: 10_000 });
  const took = async () => {
    const start = clock.now();
    const answer = await clock.until(vault.current(db));
    return { ok: answer.ok, ms: clock.now() - start };
  };
  assert.deepEqual(await took(), { ok: true, ms: 0 });
  store.faults.add({}, { kind: "throttled" }, 5);
  assert.deepEqual(await took(), { ok: false, ms: 15_000 });
  store.faults.add({}, { kind: "slow", ms: 3000 }, 1);
  assert.deepEqual(await took(), { ok: true, ms: 3000 });
  store.faults.add({}, { kind: "slow", ms: 60_000 }, 1);
  assert.deepEqual(await took(), { ok: true, ms: 10_500 });
  store.faults.add({}, { kind: "hang" });
  assert.deepEqual(await took(), { ok: false, ms: 31_500 });
});
