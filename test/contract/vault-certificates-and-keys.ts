/** The part of the vault's contract about certificates and keys: one name, three objects. */

import assert from "node:assert/strict";
import type { ObjectType, VaultAnswer, VaultObject } from "../../shared/core/vault-object.ts";
import { bytesOf, certificate, second, textOf, unknownId } from "./vault-subject.ts";
import type { VaultCase } from "./vault-subject.ts";

const sign: VaultObject = { vault: "shop", type: "key", name: "sign" };

function tls(type: ObjectType): VaultObject {
  return { vault: "shop", type, name: "tls" };
}

export const certificateAndKeyCases: readonly VaultCase[] = [
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
];

function datesOf(answer: VaultAnswer): object {
  assert.ok(answer.ok);
  const { value: _, ...rest } = answer.current;
  return rest;
}
