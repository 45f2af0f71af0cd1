/** What `render` takes: answers of the vault and classes in all their spellings. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { classYaml, good, other, rendered, secret, value, version } from "./rendered.ts";
import type { Files } from "./rendered.ts";

test("docs/cli.md shows what is printed", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const { code, out, err } = await rendered({
    ...good,
    "vault/secrets/db-password.json": secret({ value: "example" }),
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(page.includes(`\`\`\`text\n${out}\`\`\``), out);
});

const taken: readonly { readonly what: string; readonly files: Files }[] = [
  { what: "what the Azure CLI prints", files: good },
  {
    what: "what Key Vault's REST API answers",
    files: {
      ...good,
      "vault/secrets/db-password.json": {
        value,
        id: `https://contoso-prod.vault.azure.net/secrets/db-password/${version}`,
        attributes: { enabled: true, created: 1_769_847_300, updated: 1_769_847_300, recoveryLevel: "Purgeable" },
      },
    },
  },
  { what: "a file in other letters", files: { "class.yaml": classYaml(), "vault/secrets/DB-Password.json": secret() } },
  {
    what: "a byte order mark",
    files: { "class.yaml": classYaml(), "vault/secrets/db-password.json": `\uFEFF${JSON.stringify(secret())}` },
  },
  {
    what: "other documents in the class's file",
    files: { ...good, "class.yaml": `kind: Service\nmetadata: {name: orders}\n---\n${classYaml()}---\n` },
  },
  {
    what: "a List as kubectl prints it, in JSON",
    files: {
      ...good,
      "class.yaml": {
        kind: "List",
        items: [
          {
            kind: "SecretProviderClass",
            metadata: { name: "orders", namespace: "shop", creationTimestamp: "2026-01-31T08:15:00Z" },
            spec: {
              provider: "azure",
              parameters: {
                keyvaultName: "contoso-prod",
                tenantID: "t",
                objects: "array: ['{objectName: db-password, objectType: secret}']",
              },
              secretObjects: [
                { secretName: "orders-db", type: "Opaque", data: [{ objectName: "db-password", key: "DB_PASSWORD" }] },
              ],
            },
          },
        ],
      },
    },
  },
  {
    what: "a pin whose version is the current one",
    files: {
      ...good,
      "class.yaml": classYaml({
        objects: ["objectName: db-password", "objectType: secret", `objectVersion: ${version}`],
      }),
    },
  },
  {
    what: "a pin with a file of its own",
    files: {
      "class.yaml": classYaml({
        objects: ["objectName: db-password", "objectType: secret", `objectVersion: ${version}`],
      }),
      "vault/secrets/db-password.json": secret({
        value: "newer",
        id: `https://contoso-prod.vault.azure.net/secrets/db-password/${other}`,
      }),
      [`vault/secrets/db-password@${version}.json`]: secret(),
    },
  },
  { what: "a class without a namespace", files: { ...good, "class.yaml": classYaml({ metadata: "" }) } },
];

for (const { what, files } of taken) {
  test(`taken: ${what}`, async () => {
    const { code, out, err } = await rendered(files, "--json");
    assert.deepEqual([code, err], [0, ""]);
    // printf 's3ntinel-Value!' | sha256sum
    const hash = "177e3c0528f03bef44c92d4e7c295d96c0c3ac6d5c6a83f9a4b9c50d548170df";
    assert.match(out, new RegExp(`"key": "DB_PASSWORD",\\s+"bytes": ${value.length},\\s+"sha256": "${hash}"`));
    assert.match(out, new RegExp(`"object": "secret/db-password",\\s+"version": "${version}"`));
  });
}

test("--name chooses by name or by namespace and name, and suggests", async () => {
  const files = { ...good, "class.yaml": `${classYaml()}---\n${classYaml({ name: "carts", secret: "carts-db" })}` };
  for (const name of ["carts", "shop/carts"]) {
    const { code, out } = await rendered(files, "--name", name);
    assert.equal(code, 0);
    assert.match(out, /^Secret carts-db, Opaque, 1 key$/m);
  }
  const { code, err } = await rendered(files, "--name", "shop/cart");
  assert.equal(code, 2);
  assert.match(err, /It has no class of that name\. Did you mean shop\/carts\?/);
});
