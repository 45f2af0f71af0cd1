/**
 * `node --test test/rig/contract.ts`: the contract of the Cluster port with the real client and a real API server, over
 * TLS, as a user who may do only what the bridge needs. One API server for all cases, emptied after each.
 */

import { after, before } from "node:test";
import { realClock } from "../../local/clock.ts";
import { resourceKinds } from "../../local/cluster/kinds.ts";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { fixedToken } from "../../shared/adapters/kubernetes/token.ts";
import { clusterContract } from "../contract/cluster.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { grantBridge } from "./bridge-role.ts";
import { startDenyingWebhook } from "./denying-webhook.ts";
import { collection, holdingsOf } from "./holdings.ts";
import { until } from "./until.ts";

let running: ApiServer | undefined;

before(async () => {
  running = await startApiServer(console.log);
  const { admin } = running;
  for (const name of namespaces) await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  // The driver's kinds can be asked for a moment after their definitions are there.
  for (const kind of ["SecretProviderClass", "SecretProviderClassPodStatus"] as const) {
    await until(kind, running.namespace, async () => (await admin.call("GET", collection(kind, ""))).status === 200);
  }
  await grantBridge(running.namespace, running);
});

after(async () => running?.stop());

clusterContract("The Kubernetes client with a real API server", async () => {
  const rig = running;
  if (rig === undefined) throw new Error("The API server does not run.");
  const { admin, namespace, server, ca, bridgeToken } = rig;
  const cluster = createKubernetesCluster({
    server,
    caData: ca,
    token: fixedToken(bridgeToken),
    clock: realClock(),
    pageSize: 3,
  });
  let restricted = false;
  return {
    cluster,
    held: holdingsOf(admin),
    forbid: async (verb, kind) => {
      restricted = true;
      await grantBridge(namespace, rig, { verb, kind });
    },
    deny: (message) => startDenyingWebhook(namespace, admin, `${collection("Secret", "a")}/app`, message),
    forget: () => forget(rig),
    end: async () => {
      await cluster.close();
      if (restricted) await grantBridge(namespace, rig);
      await empty(rig);
    },
  };
});

/** A new API server remembers no change before its start. Until it has read everything it answers watches with 429. */
async function forget({ restartApiServer, admin, namespace }: ApiServer): Promise<void> {
  await restartApiServer();
  const old = `${collection("SecretProviderClass", "")}?watch=true&timeoutSeconds=1&resourceVersion=1`;
  await until("an answer to an old watch", namespace, async () => (await admin.call("GET", old)).status === 200);
}

const namespaces = ["a", "b", "kube-system"];

async function empty({ admin }: ApiServer): Promise<void> {
  const kinds = Object.values(resourceKinds).filter(({ kind }) => kind !== "Namespace" && kind !== "Event");
  for (const { kind, namespaced } of kinds) {
    for (const place of namespaced ? namespaces : [""]) await admin.must("DELETE", collection(kind, place));
  }
}
