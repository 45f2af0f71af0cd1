import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { publicKeyPem } from "../../../shared/core/rendering/public-key.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";

function pemOf(jwk: unknown): string {
  const answer = publicKeyPem(SecretValue.fromText(JSON.stringify(jwk)), "key/k");
  return answer.ok
    ? new TextDecoder().decode(answer.content.reveal())
    : `${answer.error.kind}: ${answer.error.message}`;
}

test("the public half is written as OpenSSL writes it, from an HSM too", () => {
  const keys = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
    ...["P-256", "P-384", "P-521"].map((namedCurve) => generateKeyPairSync("ec", { namedCurve }).publicKey),
  ];
  for (const key of keys) {
    const jwk = key.export({ format: "jwk" });
    const expected = key.export({ type: "spki", format: "pem" });
    assert.equal(pemOf(jwk), expected);
    assert.equal(pemOf({ ...jwk, kty: `${jwk.kty}-HSM`, kid: "https://x/keys/k/1", key_ops: ["verify"] }), expected);
  }
});

test("zeros before a number do not matter", () => {
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const padded = Buffer.concat([Buffer.alloc(3), Buffer.from(jwk.x ?? "", "base64url")]).toString("base64url");
  assert.equal(pemOf({ ...jwk, x: padded }), pemOf(jwk));
});

test("what the provider cannot mount is refused by its name", () => {
  const point = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  for (const [jwk, message] of [
    [{ kty: "oct-HSM" }, /of type "oct-HSM"/],
    [{ ...point, crv: "P-256K" }, /curve "P-256K"/],
    [{ ...point, y: point.x }, /not on its curve/],
    [{ ...point, x: "B".repeat(80) }, /not on its curve/],
    [{ kty: "EC", crv: "P-256" }, /not on its curve/],
    [{ kty: "RSA", n: "AQAB=", e: "AQAB" }, /cannot be read/],
    [{ kty: "RSA", n: "AQAB" }, /cannot be read/],
    [{ n: 1 }, /no JSON Web Key/],
    ["text", /no JSON Web Key/],
  ] as const)
    assert.match(pemOf(jwk), message);
  const broken = publicKeyPem(SecretValue.fromText("{"), "key/k");
  assert.equal(broken.ok, false);
});
