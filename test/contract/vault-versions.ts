/** The part of the vault's contract about single versions, the one before, and the list of all. */

import assert from "node:assert/strict";
import type { VersionAnswer } from "../../shared/core/vault-object.ts";
import { db, second, unknownId } from "./vault-subject.ts";
import type { VaultCase } from "./vault-subject.ts";

export const versionCases: readonly VaultCase[] = [
  {
    behaviour: "knows of a version: date and value; of a disabled one the date; of an unknown one nothing",
    check: async ({ store, vault, run }) => {
      const first = store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      for (let count = 1; count <= 60; count += 1) {
        store.setSecret("shop", "db-password", `value ${count}`, { createdOn: second(count) });
      }
      const disabled = store.versions("shop", "db-password").at(-1)?.version ?? "";
      store.disable("shop", "db-password", disabled);
      const found = await run(vault.version(db, first.version));
      assert.deepEqual(spelled(found), { known: true, createdOn: second(0), value: "one" });
      const dated = { known: true, createdOn: second(60), held: undefined };
      assert.deepEqual(await run(vault.version(db, disabled)), dated);
      assert.deepEqual(await run(vault.version(db, unknownId)), { known: false, problem: "not-found" });
    },
  },
  {
    behaviour: "remembers a version that it has found, but never that something went wrong",
    check: async ({ store, vault, run }) => {
      const { version } = store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const stop = store.faults.add({}, { kind: "forbidden" });
      assert.deepEqual(await run(vault.version(db, version)), { known: false, problem: "forbidden" });
      stop();
      const first = await run(vault.version(db, version));
      store.faults.add({}, { kind: "forbidden" });
      assert.deepEqual(spelled(await run(vault.version(db, version))), spelled(first));
    },
  },
  {
    behaviour: "says of a disabled version what went wrong when its date can't be read",
    check: async ({ store, vault, run }) => {
      const { version } = store.setSecret("shop", "db-password", "one", { enabled: false });
      store.faults.add({ call: "list" }, { kind: "forbidden" });
      assert.deepEqual(await run(vault.version(db, version)), { known: false, problem: "forbidden" });
    },
  },
  {
    behaviour: "gives the version before, whatever the order of ids",
    check: async ({ store, vault, run }) => {
      const versions = [0, 1, 2, 3].map((count) =>
        store.setSecret("shop", "db-password", `value ${count}`, { createdOn: second(count) }),
      );
      const [first, ...later] = versions;
      for (const [index, { version }] of later.entries()) {
        const before = await run(vault.before(db, version));
        assert.equal(before?.version, versions[index]?.version);
        assert.equal(new TextDecoder().decode(before?.value.reveal()), `value ${index}`);
      }
      assert.equal(await run(vault.before(db, first?.version ?? "")), undefined);
      assert.equal(await run(vault.before(db, unknownId)), undefined);
    },
  },
  {
    behaviour: "gives no version before where it is disabled, of the same second, or can't be read",
    check: async ({ store, vault, run }) => {
      const first = store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const next = store.setSecret("shop", "db-password", "two", { createdOn: second(1) });
      const stop = store.faults.add({ call: "list" }, { kind: "forbidden" });
      assert.equal(await run(vault.before(db, next.version)), undefined);
      stop();
      assert.equal((await run(vault.before(db, next.version)))?.version, first.version);
      store.disable("shop", "db-password", first.version);
      assert.equal(await run(vault.before(db, next.version)), undefined);
      store.enable("shop", "db-password", first.version);
      store.setSecret("shop", "db-password", "twin", { createdOn: second(1) });
      assert.equal(await run(vault.before(db, next.version)), undefined);
    },
  },
  {
    behaviour: "lists afresh every time, and says why it can't",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      const count = async () => {
        const listed = await run(vault.versions(db));
        return listed.ok ? listed.versions.length : listed.problem;
      };
      assert.equal(await count(), 1);
      store.setSecret("shop", "db-password", "two");
      assert.equal(await count(), 2);
      store.faults.add({ call: "list" }, { kind: "forbidden" }, 1);
      assert.equal(await count(), "forbidden");
      assert.deepEqual(await run(vault.versions({ ...db, name: ".." })), { ok: false, problem: "not-found" });
    },
  },
];

function spelled(answer: VersionAnswer): object {
  assert.ok(answer.known, answer.known ? "" : answer.problem);
  const { known, createdOn, held } = answer;
  return { known, createdOn, value: held === undefined ? undefined : new TextDecoder().decode(held.value.reveal()) };
}
