/** A real API server with kubelets and driver (test/rig), over TLS, as a user who may do only what the bridge needs. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { listAt, textAt } from "../../local/cluster/json.ts";
import { namespaceOf } from "../../local/cluster/objects.ts";
import { grantBridge } from "../rig/bridge-role.ts";
import { collection, objectOf } from "../rig/holdings.ts";
import { startRig } from "../rig/rig.ts";
import { until } from "../rig/until.ts";
import { watchKind } from "../rig/watch.ts";
import { replicas, type Site } from "./site.ts";

export interface RigSiteOptions {
  /** The map's folder, for token and certificate. */
  readonly folder: string;
  /** Address of each vault by its name. */
  readonly vaults: Readonly<Record<string, string>>;
}

/** Driver 1.5.6: it never writes to a Secret that is there, so requests by hand meet no change of its. */
export async function startRigSite({ folder, vaults }: RigSiteOptions): Promise<Site> {
  const rig = await startRig({ driver: "1.5.6", rotation: "off", nodes: 2, vaults, progress: console.log });
  const namespaces: string[] = [];
  const values = new Map<string, string>();
  const waiting = new Map<string, (at: number) => void>();
  try {
    await grantBridge(rig, rig);
    await writeFile(join(folder, "token"), rig.tokens.bridge);
    await writeFile(join(folder, "ca.pem"), rig.ca);
    const watching = await watchKind(rig, "Secret", "", ({ object }) => {
      const [namespace, value] = [namespaceOf(object), textAt(object, "data", "password")];
      if (values.get(namespace) === value) return;
      values.set(namespace, value);
      waiting.get(namespace)?.(performance.now());
      waiting.delete(namespace);
    });
    const settled = (namespace: string) =>
      until(`the pods of ${namespace}`, rig, async () => {
        const pods = listAt(objectOf(await rig.admin.must("GET", collection("Pod", namespace))), "items");
        const ready = pods.filter((pod) =>
          listAt(pod, "status", "conditions").some(
            (one) => textAt(one, "type") === "Ready" && textAt(one, "status") === "True",
          ),
        );
        return pods.length === replicas && ready.length === replicas && values.has(namespace);
      });
    return {
      server: rig.server,
      ca: rig.ca,
      access: "certificateAuthority: { file: ca.pem }, token: { file: token }",
      token: async () => rig.tokens.bridge,
      install: async (namespace, objects) => {
        namespaces.push(namespace);
        await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
        for (const object of objects) await rig.admin.apply(object);
        await settled(namespace);
      },
      rested: async () => {
        for (const namespace of namespaces) await settled(namespace);
        await sleep(restMs);
      },
      patched: (namespace) =>
        new Promise((resolve) => {
          const problem = watching.broken();
          if (problem !== undefined) throw new Error(problem);
          waiting.set(namespace, resolve);
        }),
      close: async () => {
        await watching.close();
        await rig.stop();
      },
    };
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

/** Kubelets and controllers write a little more after the last old pod is gone. */
const restMs = 300;
