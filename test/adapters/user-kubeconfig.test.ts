/** A person's own kubeconfig, with the program that kubelogin and the like are. */

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { userKubeconfigConnection } from "../../shared/adapters/user-kubeconfig.ts";

/** A kubeconfig whose user signs in by a program: `script` is its JavaScript. */
async function withProgram(t: TestContext, script: string, cluster: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "user-kubeconfig-"));
  t.after(() => rm(folder, { recursive: true }));
  const program = join(folder, "sign-in.mjs");
  await writeFile(program, script);
  await chmod(program, 0o700);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "aks",
    contexts: [{ name: "aks", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://aks-1.hcp.westeurope.azmk8s.io:443", ...cluster } }],
    users: [
      {
        name: "u",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: process.execPath,
            args: [program],
            env: [{ name: "SIGN_IN_AS", value: "person" }],
            provideClusterInfo: false,
          },
        },
      },
    ],
  };
  const path = join(folder, "config");
  await writeFile(path, JSON.stringify(config));
  return path;
}

const gives = `
import { appendFileSync, readFileSync } from "node:fs";
const calls = new URL("calls", import.meta.url);
appendFileSync(calls, "x");
const token = process.env.SIGN_IN_AS + "-" + readFileSync(calls, "utf8").length;
const status = { token, expirationTimestamp: new Date(Date.now() + 3600000).toISOString() };
console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", status }));
`;

test("its program gives the token, runs once, and again when the API server refused what it gave", async (t) => {
  const path = await withProgram(t, gives, { "certificate-authority-data": "Q0E=" });
  const { server, caData, token } = await userKubeconfigConnection(path);
  assert.deepEqual([server, caData], ["https://aks-1.hcp.westeurope.azmk8s.io:443", "Q0E="]);
  assert.equal(await token?.(), "person-1");
  assert.equal(await token?.(), "person-1");
  assert.equal(await token?.("person-1"), "person-2");
});

const failing: readonly { readonly what: string; readonly script: string }[] = [
  { what: "fails with words on its standard error", script: 'console.error("secret words"); process.exit(1);' },
  { what: "prints no credential", script: 'console.log("secret words");' },
  { what: "gives no token", script: "console.log(JSON.stringify({ status: {} }));" },
];

for (const { what, script } of failing) {
  test(`a program that ${what} is a problem of signing in, and nothing that it said is told`, async (t) => {
    const { token } = await userKubeconfigConnection(await withProgram(t, script));
    await assert.rejects(
      async () => token?.(),
      (error: unknown) => {
        assert.ok(error instanceof Error && "kind" in error);
        assert.equal(error.kind, "unauthorized");
        assert.match(error.message, /gave no token\. Try `kubectl get namespaces`/);
        assert.doesNotMatch(error.message, /secret words/);
        return true;
      },
    );
  });
}

test("what skips TLS verification or is no kubeconfig is refused with a sentence", async (t) => {
  const path = await withProgram(t, gives, { "insecure-skip-tls-verify": true });
  await assert.rejects(userKubeconfigConnection(path), /skips TLS verification/);
  await assert.rejects(userKubeconfigConnection(path, "other"), /no such context/);
  await assert.rejects(userKubeconfigConnection(`${path}.gone`), /can't be read/);
});
