/** No compiler is at hand: tools/bicep-check reads the Bicep files, and these tests hold what must not change unseen. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const infra = join(root, "infra");
const files = readdirSync(infra).filter((name) => name.endsWith(".bicep"));
const read = (name: string): string => readFileSync(join(infra, name), "utf8");
const all = files.map(read).join("\n");

test("bicep-check finds no error and no warning", () => {
  const { status, report } = check(infra);
  assert.deepEqual(report.diagnostics, []);
  assert.deepEqual([status, report.files], [0, files.length + 1]);
});

test("parameter files in the docs fit main.bicep", () => {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const examples = pages.flatMap((name) =>
    [...readFileSync(join(root, "docs", name), "utf8").matchAll(/^```bicep\n(using [\s\S]*?)^```/gm)].map(
      ([, text]) => text ?? "",
    ),
  );
  assert.ok(examples.length > 0);
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  try {
    cpSync(infra, folder, { recursive: true });
    for (const [index, text] of examples.entries()) writeFileSync(join(folder, `example-${index}.bicepparam`), text);
    assert.deepEqual(check(folder).report.diagnostics, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the checker does find what is wrong", () => {
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  try {
    for (const [file, right, wrong, code] of [
      ["function-app.bicep", "httpsOnly: true", "httpOnly: true", "BCP089"],
      ["main.bicep", "queueName: queueName", "queue: queueName", "BCP037"],
      ["access.bicep", "principalType: 'ServicePrincipal'", "", "role-assignment-principal-type"],
    ] as const) {
      cpSync(infra, folder, { recursive: true });
      writeFileSync(join(folder, file), read(file).replace(right, wrong));
      const { status, report } = check(folder);
      assert.equal(status, 1, file);
      assert.ok(
        report.diagnostics.some((found) => found.code === code),
        JSON.stringify(report.diagnostics),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the checker's own tests pass", () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "tools/bicep-check/test/run.mjs")], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^[1-9]\d* passed, 0 failed$/m);
});

test("roles are granted in access.bicep only, and each says why", () => {
  const elsewhere = files.filter((name) => name !== "access.bicep" && /roleAssignments@/.test(read(name)));
  assert.deepEqual(elsewhere, []);
  const lines = read("access.bicep").split("\n");
  const granted = lines.flatMap((line, index) => (/roleAssignments@/.test(line) ? [index] : []));
  assert.ok(granted.length > 5);
  for (const index of granted) {
    let first = index;
    while (lines[first - 1]?.startsWith("//") === true) first -= 1;
    assert.match(lines[first] ?? "", /^\/\/ Why: /, lines[index]);
  }
});

test("the roles are these and no more, each on the smallest scope that there is for it", () => {
  const grants = [
    ...read("access.bicep").matchAll(/ {2,4}scope: (.+)\n {2,4}properties: \{\n +roleDefinitionId: (\w+)/g),
  ];
  assert.deepEqual(
    grants.map(([, scope, role]) => `${role} on ${scope}`),
    [
      "storageBlobDataOwner on account",
      "storageQueueDataContributor on hostQueues[index]",
      "storageTableDataContributor on historyTable",
      "monitoringMetricsPublisher on insights",
      "storageQueueDataMessageSender on eventQueue",
      "storageBlobDataContributor on deadLetters",
      "keyVaultSecretsUser on keyVault",
      "keyVaultCertificateUser on keyVault",
      "aksClusterUser on aks",
    ],
  );
});

test("a vault is read by one role: secrets alone, unless the parameters say that certificates and keys are named", () => {
  const access = read("access.bicep");
  assert.match(access, /resource bridgeReadsVault .* = if \(vault != null && !readsCertificates\) \{/);
  assert.match(access, /resource bridgeReadsCertificates .* = if \(vault != null && readsCertificates\) \{/);
  assert.match(access, /var readsCertificates = vault\.\?certificatesAndKeys \?\? false\n/);
  assert.match(read("main.bicep"), /certificatesAndKeys: item\.\?certificatesAndKeys \?\? false\n/);
});

test("no role of the templates can write to a vault, use a key of it, or reach into a cluster", () => {
  // Ids as in https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
  const known: Readonly<Record<string, string>> = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba": "Key Vault Certificate User",
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f": "Azure Kubernetes Service Cluster User Role",
  };
  const ids = [...all.matchAll(/roleDefinitions', '([0-9a-f-]{36})'/g)].map(([, id]) => id ?? "");
  assert.deepEqual(
    ids.filter((id) => known[id] === undefined),
    [],
  );
  assert.equal(new Set(ids).size, Object.keys(known).length);
});

test("nothing uses a key or a password", () => {
  assert.doesNotMatch(all, /listKeys|listAccountSas|AccountKey|connectionStrings|systemKeys/);
  assert.match(read("storage.bicep"), /allowSharedKeyAccess: false/);
  assert.match(read("storage.bicep"), /allowBlobPublicAccess: false/);
  assert.match(read("monitoring.bicep"), /DisableLocalAuth: true/);
  assert.equal([...read("function-app.bicep").matchAll(/allow: false/g)].length, 2);
});

const reportSchema = z.object({
  files: z.number(),
  diagnostics: z.array(z.object({ file: z.string(), line: z.number(), code: z.string(), message: z.string() })),
});

function check(folder: string): { readonly status: number | null; readonly report: z.infer<typeof reportSchema> } {
  const args = [join(root, "tools/bicep-check/bicep-check.mjs"), "--strict", "--json", folder];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 });
  return { status, report: reportSchema.parse(JSON.parse(stdout)) };
}
