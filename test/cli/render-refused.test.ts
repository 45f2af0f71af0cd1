/** What `render` refuses by the names of the reasons, and what it only notes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { classYaml, good, other, rendered, secret, secretFile, version } from "./rendered.ts";
import type { Files } from "./rendered.ts";

const refused: readonly { readonly reason: string; readonly files: Files; readonly about: string }[] = [
  {
    reason: "object-missing",
    files: { ...good, [secretFile]: { error: "not-found" } },
    about: "contoso-prod/secret/db-password",
  },
  {
    reason: "object-disabled",
    files: { ...good, [secretFile]: secret({ attributes: { enabled: false } }) },
    about: "contoso-prod/secret/db-password",
  },
  {
    reason: "object-forbidden",
    files: { ...good, [secretFile]: { error: "forbidden" } },
    about: "contoso-prod/secret/db-password",
  },
  {
    reason: "class-invalid",
    // kubectl reads YAML 1.1, where `no` is a boolean; the API server takes texts only.
    files: { ...good, "class.yaml": classYaml({ parameters: "    usePodIdentity: no\n" }) },
    about: "spec.parameters.usePodIdentity is not text; put it in quotes.",
  },
  {
    reason: "unsupported",
    files: { ...good, "class.yaml": classYaml({ parameters: "    cloudName: AzureStackCloud\n" }) },
    about: "spec.parameters.cloudName names an Azure Stack cloud.",
  },
  {
    reason: "other-provider",
    files: { ...good, "class.yaml": classYaml().replace("provider: azure", "provider: vault") },
    about: 'spec.provider is "vault"; the bridge reads azure only.',
  },
  {
    reason: "secret-invalid",
    files: {
      ...good,
      "class.yaml": classYaml().replace("objectName: db-password\n          key", "objectName: db-pass\n          key"),
    },
    about: 'no object is mounted as "db-pass"',
  },
  {
    reason: "double-claim",
    files: {
      ...good,
      "class.yaml": `${classYaml()}${classYaml().split("secretObjects:\n")[1] ?? ""}`,
    },
    about: "spec.secretObjects names it more than once.",
  },
];

for (const { reason, files, about } of refused) {
  test(`exit code 1 and the reason's name and sentence: ${reason}`, async () => {
    const { code, out, err } = await rendered(files);
    assert.deepEqual([code, err], [1, ""]);
    const lines = out.split("\n");
    const at = lines.findIndex((line) => line.endsWith(`: refused (${reason})`));
    assert.ok(at >= 0, out);
    assert.match(lines[at + 1] ?? "", /^ {2}[A-Z].{20}/);
    assert.ok(lines[at + 2]?.includes(about), out);
    assert.match(lines.at(-2) ?? "", /refused/);
  });
}

test("a note tells of the opt-out, which is no refusal to render", async () => {
  const metadata = '  namespace: shop\n  annotations: {rotation-bridge/ignore: "true"}\n';
  const { code, out } = await rendered({ ...good, "class.yaml": classYaml({ metadata }) });
  assert.equal(code, 0);
  assert.match(out, /^Note: The bridge does not act on this class \(ignored\): /m);
});

test("a note tells of a certificate and a secret that two commands met on both sides of a renewal", async () => {
  const certificate = { id: `https://contoso-prod.vault.azure.net/certificates/db-password/${other}`, cer: "MAA=" };
  const files = {
    ...good,
    "class.yaml": classYaml().replace(
      "  secretObjects",
      "        - '{objectName: db-password, objectType: cert, objectAlias: public}'\n  secretObjects",
    ),
    "vault/certificates/db-password.json": certificate,
  };
  const { out } = await rendered(files);
  assert.ok(out.includes(`Note: cert/db-password is of version ${other} and secret/db-password of ${version}: `), out);
});

test("names with escape sequences reach no terminal", async () => {
  const { out } = await rendered({ ...good, "class.yaml": classYaml({ secret: '"\\e[31mred\\u202E"' }) });
  assert.match(out, /^Secret \?\[31mred\?: refused \(secret-invalid\)$/m);
  assert.ok(!out.includes("\u001B") && !out.includes("\u202E"), "what steers a terminal is shown, not sent");
});
