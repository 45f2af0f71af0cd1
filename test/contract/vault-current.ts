/** The part of the vault's contract about the value that is current, or pinned. */

import assert from "node:assert/strict";
import { db, second, textOf, unknownId } from "./vault-subject.ts";
import type { VaultCase } from "./vault-subject.ts";

export const currentCases: readonly VaultCase[] = [
  {
    behaviour: "gives the newest version with its value, dates, content type and key id",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "old", { createdOn: second(0) });
      const set = store.setSecret("shop", "db-password", "näw\n", {
        createdOn: second(60),
        contentType: "application/x-pkcs12",
        kid: "https://shop.vault.azure.net/keys/db-password/1",
        notBefore: second(100),
        expiresOn: second(200),
      });
      const answer = await run(vault.current({ ...db, vault: "SHOP", name: "DB-Password" }));
      assert.ok(answer.ok);
      const { value, ...rest } = answer.current;
      assert.equal(new TextDecoder().decode(value.reveal()), "näw\n");
      assert.deepEqual(rest, {
        version: set.version,
        createdOn: second(60),
        contentType: "application/x-pkcs12",
        keyId: "https://shop.vault.azure.net/keys/db-password/1",
        notBefore: second(100),
        expiresOn: second(200),
      });
    },
  },
  {
    behaviour: "gives an empty value, and keeps vaults apart",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "");
      store.setSecret("other", "db-password", "theirs");
      assert.equal(textOf(await run(vault.current(db))), "");
      assert.equal(textOf(await run(vault.current({ ...db, vault: "other" }))), "theirs");
    },
  },
  {
    behaviour: "gives a pinned version, and asks afresh every time",
    check: async ({ store, vault, run }) => {
      const first = store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      store.setSecret("shop", "db-password", "two", { createdOn: second(10) });
      assert.equal(textOf(await run(vault.current(db, first.version))), "one");
      assert.equal(textOf(await run(vault.current(db))), "two");
      store.setSecret("shop", "db-password", "three", { createdOn: second(20) });
      assert.equal(textOf(await run(vault.current(db))), "three");
      store.disable("shop", "db-password", first.version);
      assert.deepEqual(await run(vault.current(db, first.version)), { ok: false, problem: "disabled" });
    },
  },
  {
    behaviour: "says disabled, and does not fall back, when the newest version is disabled",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const newest = store.setSecret("shop", "db-password", "two", { createdOn: second(10), enabled: false });
      assert.deepEqual(await run(vault.current(db)), { ok: false, problem: "disabled" });
      store.enable("shop", "db-password", newest.version);
      assert.equal(textOf(await run(vault.current(db))), "two");
    },
  },
  {
    behaviour: "says not-found for a missing secret, a removed one, an unknown pin and an impossible name",
    check: async ({ store, vault, run }) => {
      const missing = { ok: false, problem: "not-found" };
      assert.deepEqual(await run(vault.current(db)), missing);
      store.setSecret("shop", "db-password", "one");
      assert.deepEqual(await run(vault.current(db, unknownId)), missing);
      assert.deepEqual(await run(vault.current(db, "versions")), missing);
      assert.deepEqual(await run(vault.current({ ...db, name: ".." })), missing);
      assert.deepEqual(await run(vault.current({ ...db, name: "db-password/versions" })), missing);
      store.remove("shop", "db-password");
      assert.deepEqual(await run(vault.current(db)), missing);
    },
  },
  {
    behaviour: "gives what a lagging replica says, and then what is",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const newest = store.setSecret("shop", "db-password", "two", { createdOn: second(10) });
      store.stale("shop", "db-password", { reads: 2 });
      assert.equal(textOf(await run(vault.current(db))), "one");
      assert.deepEqual(await run(vault.version(db, newest.version)), { known: false, problem: "not-found" });
      assert.equal(textOf(await run(vault.current(db))), "two");
      assert.equal((await run(vault.version(db, newest.version))).known, true);
      store.stale("shop", "db-password", { reads: 1, without: "later" });
      store.setSecret("shop", "db-password", "three", { createdOn: second(20) });
      assert.equal(textOf(await run(vault.current(db))), "two");
      assert.equal(textOf(await run(vault.current(db))), "three");
    },
  },
  {
    behaviour: "throws for a vault that is not mapped, without asking",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one");
      const unmapped = { ...db, vault: "nobodys" };
      await assert.rejects(run(vault.current(unmapped)), /the map does not name it/);
      await assert.rejects(run(vault.versions(unmapped)), /the map does not name it/);
    },
  },
];
