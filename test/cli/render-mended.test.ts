/** What `render` does not take, and how it says to mend it: never with a word of a value. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { classYaml, good, other, rendered, secret, secretFile, value, version } from "./rendered.ts";
import type { Files } from "./rendered.ts";

const mended: readonly { readonly what: string; readonly files: Files; readonly says: readonly string[] }[] = [
  {
    what: "a file that is not there, with the command that writes it",
    files: { "class.yaml": classYaml() },
    says: [
      "DIR/vault/secrets/db-password.json: There is no such file. Fill it with: az keyvault secret show --vault-name contoso-prod --name db-password -o json > DIR/vault/secrets/db-password.json",
    ],
  },
  {
    what: "all that is missing at once, of every type",
    files: {
      "class.yaml": classYaml({
        objects: ["objectName: a", "objectType: cert", "objectVersionHistory: 2"],
      }).replace(
        "  secretObjects",
        "        - '{objectName: b, objectType: key, objectVersion: abc}'\n  secretObjects",
      ),
    },
    says: [
      "DIR/vault/certificates/a.versions.json: There is no such file. Fill it with: az keyvault certificate list-versions ",
      "DIR/vault/keys/b@abc.json: There is no such file. Fill it with: az keyvault key show --version abc ",
    ],
  },
  {
    what: "a file that the failed command left empty",
    files: { ...good, [secretFile]: "" },
    says: [
      'It is empty; the command that wrote it failed. If the vault refuses the object, write {"error": "not-found"}',
    ],
  },
  {
    what: "text that is no JSON, without a word of it",
    files: { ...good, [secretFile]: `{"value": "${value}` },
    says: ["DIR/vault/secrets/db-password.json: It is not JSON. Write it with az … -o json."],
  },
  {
    what: "UTF-16",
    files: { ...good, [secretFile]: Buffer.from(`\uFEFF${JSON.stringify(secret())}`, "utf16le") },
    says: ["It is UTF-16, as Windows PowerShell writes it. Write it with PowerShell 7, cmd or bash."],
  },
  {
    what: "bytes that are no UTF-8",
    files: { ...good, [secretFile]: Uint8Array.of(0x22, 0xff, 0x22) },
    says: ["It is not UTF-8. Write it as UTF-8."],
  },
  {
    what: "several fields, each by its path",
    files: {
      ...good,
      [secretFile]: { value: 5, kid: 7, attributes: { enabled: "yes", created: "yesterday" } },
    },
    says: [
      "db-password.json, id: It is missing.",
      "db-password.json, value: It is no text. Use `az keyvault secret show`",
      "db-password.json, kid: It is no text.",
      "db-password.json, attributes.enabled: It is not true or false.",
      "db-password.json, attributes.created: It is no date.",
    ],
  },
  {
    what: "a value that was left out",
    files: { ...good, [secretFile]: secret({ value: null }) },
    says: [
      "db-password.json, value: It is missing. Use `az keyvault secret show`; other commands leave the value out.",
    ],
  },
  {
    what: "a list where one object should be",
    files: { ...good, [secretFile]: [secret()] },
    says: ["db-password.json: It is not the JSON of one object."],
  },
  {
    what: "the answer of another vault",
    files: {
      ...good,
      [secretFile]: secret({ id: `https://contoso-test.vault.azure.net/secrets/db-password/${version}` }),
    },
    says: ["db-password.json, id: It is of the vault contoso-test. Take it from contoso-prod, which the class names."],
  },
  {
    what: "the answer for another object",
    files: { ...good, [secretFile]: secret({ id: `https://contoso-prod.vault.azure.net/secrets/db-user/${version}` }) },
    says: ["db-password.json, id: It is of another object. This file is for secrets/db-password."],
  },
  {
    what: "another version than the file's name says",
    files: {
      "class.yaml": classYaml({
        objects: ["objectName: db-password", "objectType: secret", `objectVersion: ${other}`],
      }),
      [`vault/secrets/db-password@${other}.json`]: secret(),
    },
    says: [`db-password@${other}.json: It holds the version ${version}. Its name asks for ${other}.`],
  },
  {
    what: "a certificate and a key that are not base64",
    files: {
      "class.yaml": classYaml({ objects: ["objectName: web", "objectType: cert"] }).replace(
        "  secretObjects",
        "        - '{objectName: sign, objectType: key}'\n  secretObjects",
      ),
      "vault/certificates/web.json": {
        id: `https://contoso-prod.vault.azure.net/certificates/web/${version}`,
        cer: "é",
      },
      "vault/keys/sign.json": {
        key: { kid: `https://contoso-prod.vault.azure.net/keys/sign/${version}`, kty: "RSA", n: "a b", e: "AQAB" },
      },
    },
    says: ["certificates/web.json, cer: It is not base64.", "keys/sign.json, key.n: It is not base64."],
  },
  {
    what: "a class file without a class",
    files: { "class.yaml": "kind: Deployment\n---\nkind: Service\n" },
    says: ["DIR/class.yaml: It holds no SecretProviderClass. It holds: Deployment, Service."],
  },
  {
    what: "a class without a name",
    files: { "class.yaml": "kind: SecretProviderClass\nmetadata: {}\n" },
    says: ["Its SecretProviderClass has no metadata.name."],
  },
  {
    what: "a template that was not rendered",
    files: { "class.yaml": "kind: SecretProviderClass\nmetadata:\n  name: {{ .Release.Name }}-x\n" },
    says: ["DIR/class.yaml, line 3: Not valid YAML: "],
  },
  {
    what: "several classes without a choice",
    files: { ...good, "class.yaml": `${classYaml()}---\n${classYaml({ name: "carts" })}` },
    says: ["It holds several classes. Choose one with --name: shop/orders, shop/carts."],
  },
];

for (const { what, files, says } of mended) {
  test(`exit code 2, with the mend: ${what}`, async () => {
    const { code, out, err } = await rendered(files);
    assert.deepEqual([code, out], [2, ""]);
    for (const part of says) assert.ok(err.includes(part), err);
    assert.equal(err.trimEnd().split("\n").length, says.length, err);
  });
}
