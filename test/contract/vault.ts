/**
 * What every implementation of the Vault port owes, on the store of the stand-in: the in-process port and the real
 * adapter over HTTP run the same cases.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import type { VaultStore } from "../../local/key-vault/vault-store.ts";
import type {
  ListedAnswer,
  ObjectType,
  VaultAnswer,
  VaultObject,
  VersionAnswer,
} from "../../shared/core/vault-object.ts";
import type { Vault } from "../../shared/ports.ts";

export interface VaultUnderTest {
  /** With the vaults `shop` and `other`, both empty. */
  readonly store: VaultStore;
  readonly vault: Vault;
  /** Lets time pass until the work is done. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

const db: VaultObject = { vault: "shop", type: "secret", name: "db-password" };
const unknownId = "0123456789abcdef0123456789abcdef";
const start = Date.UTC(2026, 0, 1);
const second = (count: number) => start + count * 1000;

const sign: VaultObject = { vault: "shop", type: "key", name: "sign" };

function tls(type: ObjectType): VaultObject {
  return { vault: "shop", type, name: "tls" };
}

/** The store does not look inside, so short texts will do. */
const certificate = {
  value: "MIIB",
  contentType: "application/x-pkcs12",
  cer: "MAoCAQEwBQYDKwMDAA==",
  jwk: '{"kty":"RSA","n":"AKdx","e":"AQAB"}',
} as const;

interface Case {
  readonly behaviour: string;
  readonly check: (under: VaultUnderTest) => Promise<void>;
}

const cases: readonly Case[] = [
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
    behaviour: "gives the three objects of a certificate under one version: secret, DER bytes, public key",
    check: async ({ store, vault, run }) => {
      store.setCertificate("shop", "tls", { ...certificate, value: "first" }, { createdOn: second(0) });
      const set = store.setCertificate("shop", "tls", certificate, {
        createdOn: second(60),
        notBefore: second(50),
        expiresOn: second(900),
      });
      const base = { version: set.version, createdOn: second(60), notBefore: second(50), expiresOn: second(900) };
      const plain = { ...base, contentType: undefined, keyId: undefined };
      const secret = await run(vault.current(tls("secret")));
      assert.equal(textOf(secret), certificate.value);
      const kid = `https://shop.vault.azure.net/keys/tls/${set.version}`;
      assert.deepEqual(datesOf(secret), { ...base, contentType: "application/x-pkcs12", keyId: kid });
      const cer = await run(vault.current({ ...tls("cert"), name: "TLS" }));
      assert.equal(Buffer.from(bytesOf(cer)).toString("base64"), certificate.cer);
      assert.deepEqual(datesOf(cer), plain);
      const key = await run(vault.current(tls("key"), set.version));
      assert.deepEqual(JSON.parse(textOf(key)), JSON.parse(certificate.jwk));
      assert.deepEqual(datesOf(key), plain);
    },
  },
  {
    behaviour: "gives keys as the vault spells them, curve and short numbers too, and never a private member",
    check: async ({ store, vault, run }) => {
      const keys = [
        { kty: "EC", crv: "P-256", x: "AAAB", y: "_-8" },
        { kty: "RSA-HSM", n: "AKdx", e: "AQAB" },
        { kty: "EC-HSM", crv: "P-256K", x: "AQ", y: "Ag" },
      ];
      for (const key of keys) {
        store.setKey("shop", "sign", JSON.stringify({ ...key, d: "c2VudGluZWw", kid: "x", key_ops: ["sign"] }));
        assert.deepEqual(JSON.parse(textOf(await run(vault.current(sign)))), key);
      }
    },
  },
  {
    behaviour: "gives what the vault gives: a disabled key as it is, the secret of a disabled certificate not",
    check: async ({ store, vault, run }) => {
      const { version } = store.setCertificate("shop", "tls", certificate);
      store.disable("shop", "tls", version, "cert");
      assert.equal((await run(vault.current(tls("key")))).ok, true);
      assert.deepEqual(await run(vault.current(tls("secret"))), { ok: false, problem: "disabled" });
      store.enable("shop", "tls", version, "cert");
      assert.equal((await run(vault.current(tls("secret")))).ok, true);
    },
  },
  {
    behaviour: "keeps objects of one name apart by type, and answers alike for each",
    check: async ({ store, vault, run }) => {
      store.setKey("shop", "tls", certificate.jwk, { createdOn: second(5) });
      assert.equal((await run(vault.current(tls("key")))).ok, true);
      const missing = { ok: false, problem: "not-found" };
      assert.deepEqual(await run(vault.current(tls("secret"))), missing);
      assert.deepEqual(await run(vault.current(tls("cert"))), missing);
      store.setCertificate("shop", "tls", certificate, { createdOn: second(10) });
      store.faults.add({ type: "cert" }, { kind: "forbidden" });
      store.faults.add({ type: "key" }, { kind: "throttled" });
      assert.equal((await run(vault.current(tls("secret")))).ok, true);
      assert.deepEqual(await run(vault.current(tls("cert"))), { ok: false, problem: "forbidden" });
      assert.deepEqual(await run(vault.current(tls("key"))), { ok: false, problem: "throttled" });
      assert.deepEqual(await run(vault.current(tls("cert"), unknownId)), { ok: false, problem: "forbidden" });
      assert.deepEqual(await run(vault.current({ ...tls("cert"), name: "tls/policy" })), missing);
    },
  },
  {
    behaviour: "knows single versions of certificates and keys, and the version before",
    check: async ({ store, vault, run }) => {
      const [first, next] = [0, 1].map(
        (count) => store.setCertificate("shop", "tls", certificate, { createdOn: second(count) }).version,
      );
      for (const type of ["cert", "key"] as const) {
        const found = await run(vault.version(tls(type), first ?? ""));
        assert.ok(found.known && found.held?.version === first);
        assert.equal(found.createdOn, second(0));
        assert.equal((await run(vault.before(tls(type), next ?? "")))?.version, first);
        assert.deepEqual(await run(vault.version(tls(type), unknownId)), { known: false, problem: "not-found" });
      }
    },
  },
  {
    behaviour: "lists all versions of each type over pages, disabled ones too",
    check: async ({ store, vault, run }) => {
      for (let count = 0; count < 30; count += 1) {
        store.setCertificate("shop", "tls", certificate, { createdOn: second(count) });
      }
      const [oldest] = store.versions("shop", "tls", "cert");
      store.disable("shop", "tls", oldest?.version ?? "", "cert");
      for (const type of ["secret", "cert", "key"] as const) {
        const expected = store
          .versions("shop", "tls", type)
          .map(({ version, createdOn, enabled }) => ({ version, createdOn, enabled }));
        assert.equal(expected[0]?.enabled, false);
        const listed = await run(vault.versions(tls(type)));
        assert.ok(listed.ok);
        const entries = listed.versions.map(({ version, createdOn, enabled }) => ({ version, createdOn, enabled }));
        assert.deepEqual(entries, expected);
      }
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
  {
    behaviour: "lists the dates of current versions, of all types and over pages, disabled ones too",
    check: async ({ store, vault, run }) => {
      for (let count = 0; count < 60; count += 1) {
        store.setCertificate("shop", `Tls-${count}`, certificate, { createdOn: second(count) });
      }
      store.setCertificate("shop", "Tls-7", certificate, { createdOn: second(100) });
      const disabled = store.versions("shop", "Tls-9").at(-1)?.version ?? "";
      store.disable("shop", "Tls-9", disabled, "cert");
      for (const type of ["secret", "cert", "key"] as const) {
        const names = new Set(["tls-7", "tls-9", "tls-59", "gone"]);
        assert.deepEqual(await run(vault.listed("SHOP", type, names, 10)), {
          ok: true,
          objects: new Map([
            ["tls-59", { createdOn: second(59), enabled: true }],
            ["tls-7", { createdOn: second(100), enabled: true }],
            ["tls-9", { createdOn: second(9), enabled: false }],
          ]),
          complete: true,
          requests: 3,
        });
      }
      assert.deepEqual(await run(vault.listed("other", "secret", new Set(["tls-7"]), 10)), {
        ok: true,
        objects: new Map(),
        complete: true,
        requests: 1,
      });
    },
  },
  {
    behaviour: "stops a list when all names are found, and at the bound of requests",
    check: async ({ store, vault, run }) => {
      for (let count = 10; count < 85; count += 1)
        store.setSecret("shop", `s-${count}`, "one", { createdOn: second(0) });
      const asked = async (name: string, atMost: number) => {
        const { ok: _, objects, ...rest } = listOf(await run(vault.listed("shop", "secret", new Set([name]), atMost)));
        return { ...rest, found: [...objects.keys()] };
      };
      assert.deepEqual(await asked("s-40", 9), { complete: true, requests: 2, found: ["s-40"] });
      assert.deepEqual(await asked("s-84", 3), { complete: true, requests: 3, found: ["s-84"] });
      assert.deepEqual(await asked("s-84", 2), { complete: false, requests: 2, found: [] });
    },
  },
  {
    behaviour: "says why it can't list, tries again where that helps, and throws for a vault that is not mapped",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const names = new Set(["db-password"]);
      const found = { createdOn: second(0), enabled: true };
      const faults: readonly (readonly [VaultFault, string])[] = [
        [{ kind: "forbidden" }, "forbidden"],
        [{ kind: "throttled" }, "throttled"],
        [{ kind: "server-error" }, "unavailable"],
        [{ kind: "hang" }, "unavailable"],
        [{ kind: "reset" }, "unavailable"],
      ];
      for (const [fault, problem] of faults) {
        const stop = store.faults.add({ call: "objects" }, fault);
        assert.deepEqual(await run(vault.listed("shop", "secret", names, 1)), { ok: false, problem }, fault.kind);
        stop();
        if (fault.kind === "forbidden") continue;
        store.faults.add({ call: "objects" }, fault, 1);
        const { objects } = listOf(await run(vault.listed("shop", "secret", names, 1)));
        assert.deepEqual(objects.get("db-password"), found, fault.kind);
      }
      await assert.rejects(run(vault.listed("nobodys", "secret", names, 1)), /the map does not name it/);
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

/** Registers one test for each case, each on vaults of its own. */
export function vaultContract(name: string, start: () => Promise<VaultUnderTest>): void {
  for (const { behaviour, check } of cases) {
    test(`${name} ${behaviour}`, async () => {
      const under = await start();
      try {
        await check(under);
      } finally {
        await under.close();
      }
    });
  }
}

function listOf(answer: ListedAnswer): Extract<ListedAnswer, { ok: true }> {
  assert.ok(answer.ok, answer.ok ? "" : answer.problem);
  return answer;
}

function bytesOf(answer: VaultAnswer): Uint8Array {
  assert.ok(answer.ok, answer.ok ? "" : answer.problem);
  return answer.current.value.reveal();
}

function textOf(answer: VaultAnswer): string {
  return new TextDecoder().decode(bytesOf(answer));
}

function datesOf(answer: VaultAnswer): object {
  assert.ok(answer.ok);
  const { value: _, ...rest } = answer.current;
  return rest;
}

function spelled(answer: VersionAnswer): object {
  assert.ok(answer.known, answer.known ? "" : answer.problem);
  const { known, createdOn, held } = answer;
  return { known, createdOn, value: held === undefined ? undefined : new TextDecoder().decode(held.value.reveal()) };
}
