/** A scenario's own hand in the cluster, as somebody with kubectl has it. */

import assert from "node:assert/strict";
import { textAt } from "../../../local/cluster/json.ts";
import type { KindName } from "../../../local/cluster/kinds.ts";
import { providerClass, workload } from "../../scenarios/manifests.ts";
import { mergePatch } from "../api.ts";
import { collection, objectOf } from "../holdings.ts";
import type { Rig } from "../rig.ts";
import type { Scene } from "./scene.ts";

export type SceneObjects = Pick<
  Scene,
  "class" | "workload" | "apply" | "patch" | "delete" | "get" | "list" | "secretValue" | "tick"
>;

/** `namespace` and `vault` are meant where a call names none. */
export function sceneObjects({ admin }: Rig, namespace: string, vault: string): SceneObjects {
  const path = (kind: KindName, space: string, object?: string) =>
    `${collection(kind, space)}${object === undefined ? "" : `/${object}`}`;

  const objects: SceneObjects = {
    class: (spec) => objects.apply(providerClass({ namespace, vault, ...spec })),
    workload: (spec) => objects.apply(workload({ namespace, ...spec })),
    apply: async (object) => void (await admin.apply(object)),
    patch: async (kind, object, patch, space = namespace) =>
      void (await admin.must("PATCH", `${path(kind, space, object)}?fieldManager=kubectl-edit`, patch, mergePatch)),
    delete: async (kind, object, space = namespace) => void (await admin.must("DELETE", path(kind, space, object))),
    get: async (kind, object, space = namespace) => objectOf(await admin.must("GET", path(kind, space, object))),
    list: async (kind, space = namespace) => {
      const { items } = objectOf(await admin.must("GET", path(kind, space)));
      return Array.isArray(items) ? items.map(objectOf) : [];
    },
    secretValue: async (secret, key, space = namespace) => {
      const { status, body } = await admin.call("GET", path("Secret", space, secret));
      if (status === 404) return undefined;
      assert.equal(status, 200);
      const text = textAt(objectOf(body), "data", key);
      return text === "" ? undefined : Buffer.from(text, "base64").toString();
    },
    tick: async (pod, space = namespace) => {
      const statuses = await objects.list("SecretProviderClassPodStatus", space);
      for (const status of statuses.filter((one) => textAt(one, "status", "podName") === pod)) {
        const annotations = { "example/looked-at": new Date().toISOString() };
        await objects.patch(
          "SecretProviderClassPodStatus",
          textAt(status, "metadata", "name"),
          { metadata: { annotations } },
          space,
        );
      }
    },
  };
  return objects;
}
