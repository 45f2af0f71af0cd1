/**
 * A Kubernetes cluster on this machine where nobody here wrote the other side: real control plane, real kubelets, the
 * real Secrets Store CSI driver. Pretended are only what runs in containers (recorded) and Azure (local/key-vault).
 */

import { type Api, connectApi } from "./api.ts";
import { startControlPlane, tokenOf } from "./control-plane.ts";
import { build, type DriverVersion, type Progress } from "./go-build.ts";
import { identities, kubeconfigPath } from "./identities.ts";
import { installDriver, kindsServed } from "./install-driver.ts";
import { openNamespace } from "./namespace.ts";
import {
  type Behaviour,
  behaviourFile,
  driverProcess,
  nodesReady,
  recordedFile,
  type RecordedFile,
  replaceFile,
  startNodes,
  vaultsFile,
} from "./nodes.ts";
import { type ContainerEnd, type ContainerStart, readRecords } from "./records.ts";

export interface RigOptions {
  readonly driver: DriverVersion;
  readonly rotation: "off" | "on";
  /** How many; 1 where left out. They are called node1, node2 and so on. */
  readonly nodes?: number;
  /** Address of each vault by its name, as `{ contoso: "http://127.0.0.1:8200" }`. More can come later. */
  readonly vaults?: Readonly<Record<string, string>>;
  /** What certificates' secrets become when they are mounted; one of which nothing is recorded fails its mount. */
  readonly recorded?: readonly RecordedFile[];
  /** The driver's `--rotation-poll-interval`, `2m` where left out. */
  readonly pollInterval?: string;
  /** How often a kubelet syncs its pods, hence republishes their volumes: 60 where left out, as Kubernetes has it. */
  readonly syncSeconds?: number;
  /** The API server logs what the bridge's user asks for (`auditFile` in control-plane.ts). */
  readonly audit?: boolean;
  readonly progress?: Progress;
  /** Ends the start, at any point of it; no more than that. */
  readonly signal?: AbortSignal;
}

export interface Rig {
  /** Origin of the API server, and the PEM its certificate is checked with. */
  readonly server: string;
  readonly ca: string;
  readonly tokens: { readonly admin: string; readonly bridge: string };
  /** Files; `bridge` may do nothing until a test gives the user `rotation-bridge` a role. */
  readonly kubeconfigs: { readonly admin: string; readonly bridge: string };
  readonly admin: Api;
  readonly bridge: Api;
  readonly nodes: readonly string[];
  /** Holds each process's log; gone after `stop`. */
  readonly folder: string;
  starts(): Promise<readonly ContainerStart[]>;
  ends(): Promise<readonly ContainerEnd[]>;
  /** From now on; replaces what was said before. On one node, or on all. */
  behave(behaviour: Behaviour, node?: string): Promise<void>;
  /** Replaces the vaults that the provider knows. */
  setVaults(vaults: Readonly<Record<string, string>>): Promise<void>;
  /** Kills the node's driver and starts it anew. */
  restartDriver(node: string): Promise<void>;
  /** Throws if a process of the rig has died. */
  check(): Promise<void>;
  /** Ends all processes and mounts and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

/** Builds what is missing, starts everything and waits until pods can run. Throws with why, and leaves nothing. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { progress = () => {}, signal } = options;
  const namespace = await openNamespace();
  const giveUp = () => void namespace.close();
  signal?.addEventListener("abort", giveUp);
  try {
    signal?.throwIfAborted();
    const built = await build(options.driver, { progress, signal, folder: namespace.folder });
    const started = Date.now();
    const { folder } = namespace;
    const nodes = Array.from({ length: options.nodes ?? 1 }, (_, index) => `node${index + 1}`);
    const all = identities(nodes);
    const setVaults = (vaults: Readonly<Record<string, string>>) => replaceFile(vaultsFile(folder), vaults);
    await setVaults(options.vaults ?? {});
    await replaceFile(recordedFile(folder), options.recorded ?? []);
    const controlPlane = await startControlPlane(namespace, built.controlPlane, all, { audit: options.audit ?? false });
    const { server, ca, admin } = controlPlane;
    const driver = {
      version: options.driver,
      rotation: options.rotation,
      pollInterval: options.pollInterval ?? "2m",
    };
    await installDriver(admin, built.driverManifests, driver);
    await controlPlane.startControllers();
    await kindsServed(namespace, admin);
    const nodesOptions = { nodes, built, driver, syncSeconds: options.syncSeconds ?? 60 };
    await startNodes(namespace, nodesOptions);
    await nodesReady(namespace, admin, nodes);
    progress(
      `driver ${options.driver}, rotation ${options.rotation}, ${nodes.length} nodes: ready after ${Date.now() - started} ms`,
    );
    signal?.throwIfAborted();
    const bridge = connectApi(server, ca, tokenOf(all, "bridge"));
    return {
      server,
      ca,
      tokens: { admin: tokenOf(all, "admin"), bridge: tokenOf(all, "bridge") },
      kubeconfigs: { admin: kubeconfigPath(folder, "admin"), bridge: kubeconfigPath(folder, "bridge") },
      admin,
      bridge,
      nodes,
      folder,
      starts: async () => (await readRecords(folder, nodes)).starts,
      ends: async () => (await readRecords(folder, nodes)).ends,
      async behave(behaviour, node) {
        for (const name of node === undefined ? nodes : [node])
          await replaceFile(behaviourFile(folder, name), behaviour);
      },
      setVaults,
      async restartDriver(node) {
        await namespace.signal(`driver-${node}`, "SIGKILL");
        await namespace.start(driverProcess(folder, node, nodesOptions));
      },
      check: () => namespace.check(),
      async stop() {
        await Promise.all([admin.close(), bridge.close()]);
        await namespace.close();
      },
    };
  } catch (error) {
    await namespace.close();
    // Rather why it ended than what that broke.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
