/** The demo's clusters on rigs: real API servers, kubelets and drivers, with the workshop applied. */

import { setTimeout } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { deliveryMs } from "../../local/demo/event-grid.ts";
import type { ClusterOrder, LabCluster, LabClusters } from "../../local/demo/lab-cluster.ts";
import { deploymentName, manifests, namespace, secretName, vaultName } from "../../local/demo/lab-manifests.ts";
import { DemoProblem } from "../../local/demo/problem.ts";
import { mergePatch } from "./api.ts";
import { grantBridge } from "./bridge-role.ts";
import { type DriverVersion, driverVersions } from "./go-build.ts";
import { collection } from "./holdings.ts";
import { mirrorLab } from "./lab-mirror.ts";
import { MissingNeed } from "./missing-need.ts";
import { type Rig, startRig } from "./rig.ts";
import { restartPatch } from "./smoke-app.ts";
import { watchOver } from "./watch-over.ts";

/** Kubelets read a Secret for env some time after they mounted its class, as where a sandbox has to be made. */
const sandboxDelay = 500;

export const rigClusters: LabClusters = {
  drivers: ["1.6.1", "1.5.6"],
  driverByHand: "1.5.6",
  introduction: (driver) => [
    "all on 127.0.0.1: a real cluster (control plane and two kubelets of Kubernetes 1.36.3) with the real",
    `Secrets Store CSI driver ${driver}, rotation off; stand-ins for Key Vault, Event Grid, queue (Azurite) and identity endpoint;`,
    "and the built app in a Functions host. To the cluster it is a user who may do only what it needs (test/rig/bridge-role.ts).",
  ],
  differences: `Shorter than in production: containers are recorded, not run, so they are Ready once started; events after ${deliveryMs / 1000} s. Settle time and final look are the real ones.`,
  start: async (order) => {
    try {
      return await start(order);
    } catch (error) {
      order.signal.throwIfAborted();
      throw new DemoProblem(error instanceof Error ? error.message : String(error), mend(error));
    }
  },
};

function mend(error: unknown): string {
  return error instanceof MissingNeed
    ? "`npm run demo -- --rig` needs Linux, root (in a container: a privileged one) and Go 1.26 or newer, https://go.dev/dl, on PATH. Without --rig it needs neither."
    : "A busy machine may need another try; `npm run rig:smoke` tests the rig alone.";
}

async function start(order: ClusterOrder): Promise<LabCluster> {
  const { driver, vault, signal, fail } = order;
  // The driver's provider has a token of its own, so it has its own way into the vault.
  const door = await startKeyVault({ store: vault, vault: vaultName, acceptToken: (token) => token === "provider" });
  let rig: Rig | undefined;
  order.progress(`Starting ${order.name}, driver ${driver}.`);
  try {
    rig = await startRig({
      driver: versionOf(driver),
      rotation: "off",
      nodes: 2,
      vaults: { [vaultName]: door.url },
      progress: order.progress,
      signal,
    });
    return await withWorkshop(rig, driver, fail, () => door.close());
  } catch (error) {
    await rig?.stop();
    await door.close();
    throw error;
  }
}

async function withWorkshop(
  rig: Rig,
  driver: string,
  fail: ClusterOrder["fail"],
  after: () => Promise<void>,
): Promise<LabCluster> {
  const { admin } = rig;
  await grantBridge(rig, rig);
  await rig.behave({ sandboxDelay });
  await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const mirror = await mirrorLab(rig);
  for (const document of parseAllDocuments(manifests)) await admin.apply(document.toJS());
  const whole = {
    check: async () => {
      await rig.check();
      const broken = mirror.broken();
      if (broken === undefined) return;
      // A server that dies breaks its watches first, and its end says more.
      await setTimeout(1000);
      await rig.check();
      throw new Error(broken);
    },
  };
  const relieve = watchOver(whole, ({ message }) => {
    fail(new DemoProblem(`The cluster broke. ${message}`, "Try again; `npm run rig:smoke` tests the rig alone."));
  });
  return {
    driver,
    server: rig.server,
    token: rig.tokens.bridge,
    ca: rig.ca,
    lookAround: () => [
      `export KUBECONFIG=${rig.kubeconfigs.admin}`,
      `kubectl -n ${namespace} get pods,deployments`,
      `kubectl -n ${namespace} get secret ${secretName} -o yaml --show-managed-fields`,
      `kubectl -n ${namespace} get secretproviderclasspodstatuses -o yaml`,
      `kubectl -n ${namespace} get deployment ${deploymentName} -o yaml`,
      `cat ${rig.folder}/node*/records.jsonl`,
    ],
    objects: (kind) => mirror.objects(kind),
    watch: (kind, tell) => mirror.watch(kind, tell),
    starts: () => mirror.starts().map(({ podUid, env }) => ({ podUid, colour: env["PODINFO_UI_COLOR"] })),
    // As it was at its start: with rotation off nobody changes it.
    mountedColour: (pod) =>
      mirror
        .starts()
        .findLast((start) => start.pod === pod)
        ?.files["secrets"]?.["color"]?.toString(),
    restart: async () => {
      const path = `${collection("Deployment", namespace)}/${deploymentName}?fieldManager=kubectl-rollout`;
      await admin.must("PATCH", path, restartPatch(), mergePatch);
    },
    stop: async () => {
      relieve();
      await mirror.close();
      await rig.stop();
      await after();
    },
  };
}

function versionOf(driver: string): DriverVersion {
  const version = driverVersions.find((one) => one === driver);
  if (version === undefined) throw new Error(`The rig has no driver ${driver}.`);
  return version;
}
