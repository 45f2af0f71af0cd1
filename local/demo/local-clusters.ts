/** The demo's clusters in this process: `local/cluster` with the workshop in it, behind its HTTP front. */

import { randomBytes } from "node:crypto";
import { realClock } from "../clock.ts";
import { LocalCluster } from "../cluster/cluster.ts";
import { startFront } from "../cluster/http-front.ts";
import { vaultPort } from "../key-vault/vault-port.ts";
import { deliveryMs } from "./event-grid.ts";
import type { ClusterOrder, LabCluster, LabClusters } from "./lab-cluster.ts";
import { className, deploymentName, manifests, namespace, secretName } from "./lab-manifests.ts";

/** Shorter than in production, where images are pulled and probes take their time. */
const podTiming = { startDelayMs: 300, readyAfterMs: 1000, stopDelayMs: 400 };
const podSeconds = (podTiming.startDelayMs + podTiming.readyAfterMs) / 1000;

export const localClusters: LabClusters = {
  drivers: ["1.5", "1.6"],
  driverByHand: "1.5",
  introduction: (driver) => [
    "all stand-ins on 127.0.0.1: a Key Vault, Event Grid, a queue (Azurite), a cluster with the",
    `Secrets Store CSI driver ${driver}, an identity endpoint, and the built app in a Functions host.`,
  ],
  differences: `Shorter than in production: pods Ready after ${podSeconds} s, events after ${deliveryMs / 1000} s. Settle time and final look are the real ones.`,
  start,
};

async function start({ name, driver, vault }: ClusterOrder): Promise<LabCluster> {
  const port = vaultPort(vault);
  const cluster = new LocalCluster({
    clock: realClock(),
    name,
    generation: driver === "1.6" ? "1.6" : "1.5",
    rotation: "off",
    vault: port,
    timing: podTiming,
  });
  const { store } = cluster;
  cluster.apply(manifests);
  const token = randomBytes(16).toString("hex");
  const front = await startFront(store, { token });
  return {
    driver,
    server: front.url,
    token,
    lookAround: (tokenFile) => curls(front.url, tokenFile),
    objects: (kind) => store.list(kind, namespace).items,
    watch: (kind, tell) => void store.watch(kind, store.resourceVersion, tell),
    starts: () =>
      cluster.starts
        .filter((one) => one.namespace === namespace)
        .map(({ podUid, env }) => ({ podUid, colour: env["PODINFO_UI_COLOR"] })),
    mountedColour: (pod) => cluster.mountedFiles(namespace, pod)["color"],
    restart: async () => cluster.rolloutRestart("Deployment", namespace, deploymentName),
    stop: async () => {
      cluster.stop();
      await front.close();
    },
  };
}

function curls(url: string, tokenFile: string): readonly string[] {
  const head = `-H "Authorization: Bearer $(cat ${tokenFile})"`;
  const core = `${url}/api/v1/namespaces/${namespace}`;
  const classes = `${url}/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}`;
  return [
    `curl -s ${core}/pods ${head}`,
    `curl -s ${core}/secrets/${secretName} ${head}`,
    `curl -s ${classes}/secretproviderclasspodstatuses ${head}`,
    `curl -s ${classes}/secretproviderclasses/${className} ${head}`,
    `curl -s ${url}/apis/apps/v1/namespaces/${namespace}/deployments/${deploymentName} ${head}`,
  ];
}
