/** What holds for every rendering, whatever class and vault hold. `npm test` tries a few, `npm run test:long` for a minute. */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { pemOf } from "../../../shared/core/go/pem.ts";
import { parseProviderClass } from "../../../shared/core/parse-provider-class.ts";
import type { RenderError } from "../../../shared/core/provider-class.ts";
import { fetchKey, neededObjects } from "../../../shared/core/rendering/needed-objects.ts";
import { render } from "../../../shared/core/rendering/render.ts";
import type { Rendering } from "../../../shared/core/rendering/render.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { ObjectVersion, VaultAnswer } from "../../../shared/core/vault-object.ts";
import { material } from "./material.ts";
import { change } from "./mutations.ts";
import { layerNames, pfxOf } from "./pfx.ts";

export interface Property {
  readonly name: string;
  readonly check: fc.IProperty<unknown[]>;
}

const { certificates, keys } = material();
const small = keys.filter(({ length }) => length < 400);

/** What the vault gives for every object of the class. */
type Given = Pick<ObjectVersion, "contentType" | "keyId"> & { readonly value: Uint8Array };

const noKeyId = { contentType: undefined, keyId: undefined };
const certificateKeyId = "https://kv.vault.azure.net/keys/web/1";
const types = ["secret", "cert", "key"] as const;

// Some hundred different texts, most of them nearly right: what reads YAML is tried byte by byte elsewhere.
const objectText = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "objectName",
        "objectAlias",
        "objectType",
        "objectFormat",
        "objectEncoding",
        "objectVersion",
        "objectVersionHistory",
        "filePermission",
        "x",
      ),
      fc.oneof(
        fc.constantFrom(
          "web",
          "secret",
          "cert",
          "key",
          "pem",
          "pfx",
          "base64",
          "hex",
          "2",
          "a/b",
          "0600",
          "~",
          "!!binary d2Vi",
          "[",
          "&a b",
        ),
        fc.string({ maxLength: 20 }),
      ),
    ),
    { maxLength: 6 },
  )
  .map((fields) => fields.map(([name, value]) => `${name}: ${value}\n`).join(""));

const objects = fc.oneof(
  fc
    .array(objectText, { maxLength: 4 })
    .map((items) => `array: [${items.map((item) => JSON.stringify(item)).join(", ")}]`),
  fc
    .array(objectText, { maxLength: 4 })
    .map((items) => ["array:", ...items.map((item) => `  - |\n${item.replaceAll(/^/gm, "    ")}`)].join("\n")),
  fc.string({ unit: "binary", maxLength: 300 }),
);

/** PEM as people paste it: blocks in any order, noise between the lines. */
const pem = fc
  .array(
    fc.oneof(
      fc.constantFrom(...certificates).map((der) => pemOf("CERTIFICATE", der)),
      fc.constantFrom(...small).map((der) => pemOf("PRIVATE KEY", der)),
      fc
        .tuple(
          fc.constantFrom("CERTIFICATE", "RSA PRIVATE KEY", "EC PARAMETERS", "X"),
          fc.uint8Array({ maxLength: 90 }),
        )
        .map(([type, bytes]) => pemOf(type, bytes)),
      fc
        .constantFrom(
          "\r\n",
          "\n\n",
          " ",
          "-----BEGIN ",
          "-----END X-----\n",
          "a: b\n",
          "Proc-Type: 4,ENCRYPTED\n",
          "\ufeff",
          "text\n",
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .chain((parts) =>
    fc.oneof(
      fc.constant(Buffer.concat(parts)),
      change.map((damage) => damage(Buffer.concat(parts))),
    ),
  );

const pfx = fc
  .record({
    layer: fc.constantFrom(...layerNames),
    damage: fc.oneof(
      change,
      fc.constant((bytes: Uint8Array) => bytes),
    ),
    chosen: fc.subarray([...certificates], { maxLength: 3 }),
    keys: fc.subarray([...small], { maxLength: 2 }),
  })
  .map(({ layer, damage, chosen, keys: some }) =>
    pfxOf({ certificates: chosen, keys: some, changes: { [layer]: damage } }),
  );

const jwk = fc
  .record(
    {
      kty: fc.constantFrom("RSA", "RSA-HSM", "EC", "EC-HSM", "oct", "?"),
      crv: fc.constantFrom("P-256", "P-384", "P-521", "P-256K"),
      n: fc.string(),
      e: fc.constantFrom("AQAB", "", "A", "__________________"),
      x: fc.uint8Array({ maxLength: 67 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
      y: fc.uint8Array({ maxLength: 67 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
    },
    { requiredKeys: [] },
  )
  .map((key) => Buffer.from(JSON.stringify(key)));

/** Key Vault takes values of at most 25 KB. */
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 20_000, maxLength: 25_600 }));

const base64 = (bytes: Uint8Array): Uint8Array => Buffer.from(Buffer.from(bytes).toString("base64"));

const certificateGiven: fc.Arbitrary<Given> = fc.oneof(
  pem.map((value) => ({ value, contentType: "application/x-pem-file", keyId: certificateKeyId })),
  pfx.map((value) => ({ value: base64(value), contentType: "application/x-pkcs12", keyId: certificateKeyId })),
  anyBytes.map((value) => ({ value: base64(value), contentType: "application/x-pkcs12", keyId: certificateKeyId })),
);
const anyGiven: fc.Arbitrary<Given> = fc.oneof(
  certificateGiven,
  fc.oneof(anyBytes, pem, jwk, pfx.map(base64)).map((value) => ({ ...noKeyId, value })),
);

export const properties: readonly Property[] = [
  {
    name: "any text of objects",
    check: fc.property(objects, anyGiven, (text, given) => {
      holds(text, given);
    }),
  },
  {
    name: "certificates as PEM and PFX, whole and damaged",
    check: fc.property(
      certificateGiven,
      fc.constantFrom("", "objectFormat: pfx\n", "objectEncoding: base64\n"),
      (given, more) => {
        holds(oneObject("secret", more), given);
      },
    ),
  },
  {
    name: "plain secrets that hold a PFX, PEM or anything, in a TLS Secret",
    check: fc.property(fc.oneof(pfx, pem, anyBytes), (value) => {
      holds(oneObject("secret", "objectEncoding: base64\n"), { ...noKeyId, value: base64(value) });
    }),
  },
  {
    name: "values of 25 KB of any type",
    check: fc.property(fc.constantFrom(...types), fc.oneof(anyBytes, jwk), (type, value) => {
      holds(oneObject(type, ""), { ...noKeyId, value });
    }),
  },
];

function oneObject(type: string, more: string): string {
  return `array: [${JSON.stringify(`objectName: web\nobjectType: ${type}\n${more}`)}]`;
}

/** An answer, twice the same, whose refusals say nothing of the value. Whatever is thrown fails the property. */
function holds(text: string, given: Given): void {
  const { content } = parseProviderClass({
    metadata: { name: "web", namespace: "shop" },
    spec: {
      provider: "azure",
      parameters: { keyvaultName: "harbor-kv", tenantID: "t", objects: text },
      secretObjects: [
        {
          secretName: "tls",
          type: "kubernetes.io/tls",
          data: [
            { objectName: "web", key: "tls.crt" },
            { objectName: "web", key: "tls.key" },
          ],
        },
        { secretName: "raw", type: "Opaque", data: [{ objectName: "web", key: "raw" }] },
      ],
    },
  });
  // Values of their own each time, so that nothing can be remembered by them.
  const once = (): Rendering =>
    render(content, new Map(neededObjects(content).map(({ object, pin }) => [fetchKey(object, pin), answer(given)])));
  const rendering = once();
  assert.deepEqual(revealed(rendering), revealed(once()));
  for (const { message, kind } of refusals(rendering)) {
    assert.ok(["invalid", "unsupported", "harmful"].includes(kind));
    // No part of the value is in it that is long enough not to be there by chance.
    const value = Buffer.from(given.value).toString("latin1");
    for (let at = 0; at + 40 <= Math.min(value.length, 2000); at += 20)
      assert.ok(!message.includes(value.slice(at, at + 40)));
    assert.ok(message.length < 1000, message);
  }
}

function answer({ value, contentType, keyId }: Given): VaultAnswer {
  const times = { createdOn: 0, notBefore: undefined, expiresOn: undefined };
  return { ok: true, current: { version: "1", value: SecretValue.fromBytes(value), contentType, keyId, ...times } };
}

function refusals(rendering: Rendering): readonly RenderError[] {
  if (!rendering.ok) return [rendering.error];
  return [...rendering.secrets.values()].flatMap((secret) => (secret.ok ? [] : [secret.error]));
}

/** With the bytes themselves, which do not show in a comparison otherwise. */
function revealed(rendering: Rendering): unknown {
  if (!rendering.ok) return rendering;
  const hex = (value: SecretValue): string => Buffer.from(value.reveal()).toString("hex");
  const files = [...rendering.files].map(([path, { content, mode }]) => [path, hex(content), mode]);
  const secrets = [...rendering.secrets].map(([name, secret]) => [
    name,
    secret.ok ? [secret.type, [...secret.data].map(([key, value]) => [key, hex(value)])] : secret.error,
  ]);
  return { files, secrets, versions: rendering.versions };
}
