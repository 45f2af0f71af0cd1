import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { kubeconfigConnection } from "../../shared/adapters/kubeconfig.ts";

async function files(t: TestContext, contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return join(folder, "config");
}

const kubeconfig = (cluster: string, user: string) => `
apiVersion: v1
kind: Config
current-context: here
contexts:
  - {name: other, context: {cluster: c2, user: u}}
  - {name: here, context: {cluster: c1, user: u}}
clusters:
  - {name: c1, cluster: {server: "https://127.0.0.1:6443", ${cluster}}}
  - {name: c2, cluster: {server: "https://127.0.0.2:6443"}}
users:
  - {name: u, user: {${user}}}
`;

test("The current context gives server, authority and token", async (t) => {
  const path = await files(t, { config: kubeconfig("certificate-authority-data: Q0E=", "token: abc") });
  const { token, ...address } = await kubeconfigConnection(path);
  assert.deepEqual(address, { server: "https://127.0.0.1:6443", caData: "Q0E=", clientCertificate: undefined });
  assert.equal(await token?.(), "abc");
  assert.equal((await kubeconfigConnection(path, "other")).server, "https://127.0.0.2:6443");
});

test("Files are found next to the kubeconfig, and a token file is read every time", async (t) => {
  const path = await files(t, {
    config: kubeconfig("certificate-authority: ca.pem", "tokenFile: token"),
    "ca.pem": "the ca",
    token: "one\n",
  });
  const { caData, token } = await kubeconfigConnection(path);
  assert.equal(caData, "the ca");
  assert.equal(await token?.(), "one");
  await writeFile(join(path, "..", "token"), "two");
  assert.equal(await token?.(), "two");
  await writeFile(join(path, "..", "token"), "");
  await assert.rejects(async () => token?.(), { kind: "unauthorized" });
});

test("A client certificate is taken, for local use", async (t) => {
  const user = 'client-certificate-data: "Y2VydA==", client-key-data: "a2V5"';
  const path = await files(t, { config: kubeconfig("certificate-authority-data: Q0E=", user) });
  const { clientCertificate, token } = await kubeconfigConnection(path);
  assert.deepEqual(clientCertificate, { certificate: "cert", key: "key" });
  assert.equal(token, undefined);
});

const refusals = [
  { name: "no YAML", text: "{{{", rule: /no such context/ },
  {
    name: "another context",
    text: kubeconfig("", "").replace("current-context: here", "current-context: gone"),
    rule: /no such context/,
  },
  {
    name: "skipped TLS verification",
    text: kubeconfig("insecure-skip-tls-verify: true", "token: hunter2"),
    rule: /TLS/,
  },
  { name: "a sign-in program", text: kubeconfig("", "exec: {command: kubelogin, args: [hunter2]}"), rule: /program/ },
];

for (const { name, text, rule } of refusals) {
  test(`A kubeconfig with ${name} is refused in words for a person`, async (t) => {
    const path = await files(t, { config: text });
    await assert.rejects(
      kubeconfigConnection(path),
      (error: Error) => rule.test(error.message) && !error.message.includes("hunter2"),
    );
  });
}

test("A kubeconfig that is not there is refused", async () => {
  await assert.rejects(kubeconfigConnection(join(tmpdir(), "no-such-folder", "config")), /can't be read/);
});
