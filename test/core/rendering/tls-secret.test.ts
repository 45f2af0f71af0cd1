import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ClassObject } from "../../../shared/core/provider-class.ts";
import { renderSecret } from "../../../shared/core/rendering/render-secret.ts";
import type { RenderedSecret } from "../../../shared/core/rendering/render-secret.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { readCases } from "../../vectors/cases.ts";

const object: ClassObject = {
  object: { vault: "kv", type: "secret", name: "site" },
  id: "secret/site",
  path: "site",
  pin: undefined,
  encoding: "utf-8",
  format: "",
  history: 0,
  mode: 0o644,
};

/** A TLS Secret of two files; with one argument both parts come from it. */
function rendered(crt: string | Uint8Array, key: string | Uint8Array = crt): RenderedSecret {
  const file = (content: string | Uint8Array) => ({ content: SecretValue.fromBytes(Buffer.from(content)), object });
  const data = [
    { objectName: "crt", key: "tls.crt" },
    { objectName: "key", key: "tls.key" },
  ];
  const entry = { secretName: "web", type: "kubernetes.io/tls", data, error: undefined };
  return renderSecret(
    entry,
    new Map([
      ["crt", file(crt)],
      ["key", file(key)],
    ]),
  );
}

function told(secret: RenderedSecret): string {
  return secret.ok ? "ok" : `${secret.error.kind}: ${secret.error.message}`;
}

function partOf(secret: RenderedSecret, key: string): string {
  return secret.ok ? new TextDecoder().decode(secret.data.get(key)?.reveal()) : told(secret);
}

// Leaf, intermediate, root and the leaf's key, as the driver makes them.
const chain = readCases(path.join(import.meta.dirname, "..", "..", "vectors", "rendering")).find(
  ({ name }) => name === "chain-order-lir",
)?.expect.secrets["web-tls"];
assert.ok(chain?.ok === true);
const crt = Buffer.from(chain.data["tls.crt"] ?? "", "base64").toString();
const key = Buffer.from(chain.data["tls.key"] ?? "", "base64").toString();
const [leaf = "", ...issuers] = crt.split(/(?<=-----END CERTIFICATE-----\n)/);
const block = (type: string, body = ""): string => `-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`;
const ed25519 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });

test("what the driver makes is what it would make of it again, from one file or two, with noise around", () => {
  const noisy = `one\r\n${key.replaceAll("\n", "\r\n")}two\n\n${crt}three`;
  for (const secret of [rendered(crt, key), rendered(crt + key), rendered(key + crt), rendered(noisy)]) {
    assert.equal(partOf(secret, "tls.crt"), crt);
    assert.equal(partOf(secret, "tls.key"), key);
  }
});

// The kind decides who is told what: `harmful` is what the driver would make.
const table: readonly (readonly [what: string, crt: string, key: string, answer: RegExp])[] = [
  ["a public key after the key", crt, key + block("PUBLIC KEY"), /^harmful: .* a tls\.key that holds no key/],
  ["an encrypted key", crt, block("ENCRYPTED PRIVATE KEY", "MAA=\n"), /^harmful: .* holds no key/],
  ["the root first", issuers.toReversed().join("") + leaf, key, /^harmful: .* does not fit the first certificate/],
  ["the issuer alone", issuers.join(""), key, /^harmful: .* does not fit/],
  ["a certificate that is none", block("CERTIFICATE", "YWJj\n"), key, /^harmful: .* cannot be read/],
  ["one that is none after the leaf", leaf + block("CERTIFICATE"), key, /^harmful: .* cannot be read/],
  ["an Ed25519 key", crt, String(ed25519), /^invalid: .* tls\.key from "key": the driver takes no Ed25519/],
  ["no certificate", key, key, /^invalid: .* tls\.crt from "crt": the file has no CERTIFICATE block, and as a PFX/],
  ["no key", crt, crt, /^invalid: .* tls\.key from "key": the file has no block with a key, and as a PFX/],
  ["nothing", "", "", /^invalid/],
];

for (const [what, certificate, privateKey, answer] of table)
  test(`a TLS Secret of ${what} is refused`, () => {
    const secret = rendered(certificate, privateKey);
    assert.match(told(secret), answer);
    for (const line of `${certificate}${privateKey}`
      .split("\n")
      .filter((one) => one.length > 40 && !one.includes("-----")))
      assert.ok(!told(secret).includes(line));
  });

test("a chain that is not whole is the user's to have: only the first certificate must fit", () => {
  assert.equal(told(rendered(leaf, key)), "ok");
  assert.equal(told(rendered(leaf + leaf + issuers.toReversed().join(""), key)), "ok");
});

test("whatever the files hold, there is a Secret that OpenSSL could load or a named refusal", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      leaf,
      key,
      ...issuers,
      "\n",
      "-----BEGIN CERTIFICATE-----\n",
      "-----END CERTIFICATE-----\n",
      block("X"),
    ),
    fc.string({ maxLength: 20 }),
  );
  const file = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(file, file, (one, two) => {
      const secret = rendered(one, two);
      if (secret.ok) assert.match(partOf(secret, "tls.key"), /^-----BEGIN (RSA|EC) PRIVATE KEY-----\n.{40}/);
      else assert.ok(["invalid", "unsupported", "harmful"].includes(secret.error.kind));
      assert.deepEqual(told(rendered(one, two)), told(secret));
    }),
    { numRuns: 300 },
  );
});
