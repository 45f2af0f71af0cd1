/** A class and a vault folder as a person fills it, rendered by the CLI. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runHere } from "./run-cli.ts";

/** Marked, so that it would be found in any output. */
export const value = "s3ntinel-Value!";
export const version = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
export const other = "ffeeddccbbaa99887766554433221100";

export type Files = Readonly<Record<string, string | Uint8Array | object>>;

/** Lays out `files` in a folder of their own and renders `class.yaml` with the vault folder `vault`. */
export async function rendered(files: Files, ...args: readonly string[]) {
  const own = await mkdtemp(join(tmpdir(), "render-cli-"));
  await mkdir(join(own, "vault"));
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    const isBytes = typeof data === "string" || data instanceof Uint8Array;
    await writeFile(join(own, name), isBytes ? data : JSON.stringify(data));
  }
  const run = await runHere(["render", "--class", join(own, "class.yaml"), "--vault-dir", join(own, "vault"), ...args]);
  await rm(own, { recursive: true, force: true });
  assert.ok(!(run.out + run.err).includes(value), "a value is printed");
  return { ...run, out: run.out.replaceAll(own, "DIR"), err: run.err.replaceAll(own, "DIR") };
}

export function classYaml({
  name = "orders",
  metadata = "  namespace: shop\n",
  parameters = "",
  objects = ["objectName: db-password", "objectType: secret"],
  secret = "orders-db",
}: {
  readonly name?: string;
  readonly metadata?: string;
  readonly parameters?: string;
  readonly objects?: readonly string[];
  readonly secret?: string;
} = {}): string {
  return `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  name: ${name}
${metadata}spec:
  provider: azure
  parameters:
    keyvaultName: contoso-prod
    tenantID: 00000000-0000-0000-0000-000000000000
${parameters}    objects: |
      array:
        - |
${objects.map((line) => `          ${line}\n`).join("")}  secretObjects:
    - secretName: ${secret}
      type: Opaque
      data:
        - objectName: db-password
          key: DB_PASSWORD
`;
}

export function secret(more: object = {}) {
  return {
    attributes: { created: "2026-01-31T08:15:00+00:00", enabled: true, expires: null },
    contentType: null,
    id: `https://contoso-prod.vault.azure.net/secrets/db-password/${version}`,
    kid: null,
    managed: null,
    name: "db-password",
    tags: {},
    value,
    ...more,
  };
}

export const secretFile = "vault/secrets/db-password.json";

export const good: Files = { "class.yaml": classYaml(), [secretFile]: secret() };
