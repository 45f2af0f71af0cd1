/** The part of the vault's contract about a vault that fails: what is tried again, and what is said in the end. */

import assert from "node:assert/strict";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import { db, textOf, unknownId } from "./vault-subject.ts";
import type { VaultCase } from "./vault-subject.ts";

export const faultCases: readonly VaultCase[] = [
  {
    behaviour: "recovers from three throttled answers without Retry-After, but not from throttling that lasts",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      store.faults.add({ vault: "shop" }, { kind: "throttled" }, 3);
      assert.equal(textOf(await run(vault.current(db))), "one");
      store.faults.add({}, { kind: "throttled" });
      assert.deepEqual(await run(vault.current(db)), { ok: false, problem: "throttled" });
    },
  },
  {
    behaviour: "recovers from a throttled answer with Retry-After, and does not wait for an hour",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      store.faults.add({ name: "DB-password" }, { kind: "throttled", retryAfterSeconds: 5 }, 2);
      assert.equal(textOf(await run(vault.current(db))), "one");
      store.faults.add({}, { kind: "throttled", retryAfterSeconds: 3600 }, 1);
      assert.deepEqual(await run(vault.current(db)), { ok: false, problem: "throttled" });
    },
  },
  {
    behaviour: "recovers from one failure, and says unavailable when failures last",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      const faults: readonly VaultFault[] = [
        { kind: "server-error" },
        { kind: "server-error", status: 503 },
        { kind: "reset" },
        { kind: "hang" },
      ];
      for (const fault of faults) {
        store.faults.add({ vault: "shop" }, fault, 1);
        assert.equal(textOf(await run(vault.current(db))), "one", fault.kind);
        const stop = store.faults.add({}, fault);
        const answers = await run(Promise.all([vault.current(db), vault.version(db, unknownId)]));
        const unavailable = { problem: "unavailable" };
        assert.deepEqual(
          answers,
          [
            { ok: false, ...unavailable },
            { known: false, ...unavailable },
          ],
          fault.kind,
        );
        stop();
      }
    },
  },
  {
    behaviour: "says forbidden at once, without a second try",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      store.faults.add({ name: "db-password" }, { kind: "forbidden" }, 1);
      assert.deepEqual(await run(vault.current(db)), { ok: false, problem: "forbidden" });
      assert.equal(textOf(await run(vault.current(db))), "one");
    },
  },
  {
    behaviour: "waits for a slow answer",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      store.faults.add({}, { kind: "slow", ms: 20 }, 1);
      assert.equal(textOf(await run(vault.current(db))), "one");
    },
  },
];
