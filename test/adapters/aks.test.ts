import assert from "node:assert/strict";
import { createServer } from "node:https";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { selfSignedCertificate } from "../../local/self-signed.ts";
import { aksConnection } from "../../shared/adapters/aks.ts";
import { aksScope, entraToken } from "../../shared/adapters/kubernetes/token.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";

const resourceId =
  "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/lab/providers/Microsoft.ContainerService/managedClusters/aks-lab";
const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.UTC(2100, 0) }) };

const { key, cert } = selfSignedCertificate();

/** Azure Resource Manager as far as this call goes. */
async function resourceManager(
  t: TestContext,
  status: number,
  kubeconfig: string,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(`${request.method} ${request.url?.replace(/api-version=[^&]*/, "api-version=v")}`);
    const value = Buffer.from(kubeconfig).toString("base64");
    const body =
      status === 200 ? { kubeconfigs: [{ name: "clusterUser", value }] } : { error: { code: "X", message: "hunter2" } };
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return { url: `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, asked };
}

const kubeconfig = (user: string) => `
apiVersion: v1
kind: Config
current-context: aks-lab
contexts: [{name: aks-lab, context: {cluster: aks-lab, user: clusterUser}}]
clusters: [{name: aks-lab, cluster: {server: "https://aks-lab.hcp.westeurope.azmk8s.io:443", certificate-authority-data: Q0E=}}]
users: [{name: clusterUser, user: {${user}}}]
`;

test("Server and authority are taken from the user kubeconfig, nothing else", async (t) => {
  const { url, asked } = await resourceManager(t, 200, kubeconfig("exec: {command: kubelogin}"));
  const found = await aksConnection({ resourceId, credential, resourceManager: url, resourceManagerCa: cert });
  assert.deepEqual(found, { server: "https://aks-lab.hcp.westeurope.azmk8s.io:443", caData: "Q0E=" });
  assert.deepEqual(asked, [`POST ${resourceId}/listClusterUserCredential?api-version=v&format=exec`]);
});

for (const user of ["client-certificate-data: aHVudGVyMg==, client-key-data: aHVudGVyMg==", "token: hunter2"]) {
  test(`Administrator's credentials are refused (${user.split(":")[0]})`, async (t) => {
    const { url } = await resourceManager(t, 200, kubeconfig(user));
    await assert.rejects(
      aksConnection({ resourceId, credential, resourceManager: url, resourceManagerCa: cert }),
      (error: Error) => {
        assert.ok(error instanceof RemoteProblem && error.kind === "rejected");
        assert.match(error.message, /aks-lab is not joined to Entra ID/);
        assert.doesNotMatch(error.message, /hunter2|aHVudGVyMg/);
        return true;
      },
    );
  });
}

for (const { status, kind } of [
  { status: 401, kind: "unauthorized" },
  { status: 403, kind: "forbidden" },
  { status: 404, kind: "not-found" },
  { status: 429, kind: "throttled" },
  { status: 503, kind: "unavailable" },
] as const) {
  test(`Azure's ${status} becomes ${kind}, without Azure's words`, async (t) => {
    const { url } = await resourceManager(t, status, "");
    await assert.rejects(
      aksConnection({ resourceId, credential, resourceManager: url, resourceManagerCa: cert }),
      (error: Error) => {
        assert.ok(error instanceof RemoteProblem);
        assert.equal(error.kind, kind);
        assert.equal(error.message, `Could not read the address of AKS cluster aks-lab: Azure answered ${status}.`);
        return true;
      },
    );
  });
}

test("An answer without a kubeconfig and an id that is none are refused", async (t) => {
  const { url } = await resourceManager(t, 200, "nothing");
  await assert.rejects(aksConnection({ resourceId, credential, resourceManager: url, resourceManagerCa: cert }), {
    kind: "rejected",
  });
  await assert.rejects(aksConnection({ resourceId: "/subscriptions/x", credential }), /resource id/);
});

test("The cluster's token is asked of Entra ID for the AKS server application", async () => {
  const scopes: (string | string[])[] = [];
  const source = entraToken({
    getToken: async (scope) => {
      scopes.push(scope);
      return { token: "entra", expiresOnTimestamp: 0 };
    },
  });
  assert.equal(await source(), "entra");
  assert.deepEqual(scopes, [aksScope]);
  assert.equal(aksScope, "6dae42f8-4368-4678-94ff-3960e28e3630/.default");
});

for (const { name, thrown, kind } of [
  {
    name: "a refusal",
    thrown: Object.assign(new Error("hunter2"), { name: "AuthenticationError", statusCode: 400 }),
    kind: "unauthorized",
  },
  {
    name: "no token from the identity endpoint, for whatever reason",
    thrown: Object.assign(new Error("hunter2"), { name: "CredentialUnavailableError" }),
    kind: "unavailable",
  },
  {
    name: "a server error",
    thrown: Object.assign(new Error("hunter2"), { name: "AuthenticationError", statusCode: 503 }),
    kind: "unavailable",
  },
  { name: "a broken connection", thrown: new Error("hunter2"), kind: "unavailable" },
] as const) {
  test(`A credential that ends with ${name} is ${kind}, without the SDK's words`, async () => {
    const source = entraToken({ getToken: () => Promise.reject(thrown) });
    await assert.rejects(source(), (error: Error) => {
      assert.ok(error instanceof RemoteProblem);
      assert.equal(error.kind, kind);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
}
