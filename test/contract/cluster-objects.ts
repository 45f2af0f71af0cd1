/** Objects for the contract of the Cluster port: what a namespace of the bridge's users holds. */

import { isObject, toJson } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { Store } from "../../local/cluster/store.ts";

/** Puts one object into the store as somebody else's client would. */
export function put(store: Store, kind: KindName, object: unknown, fieldManager = "kubectl"): JsonObject {
  const json = toJson(object);
  if (!isObject(json)) throw new TypeError("An object is needed.");
  return store.create(kind, json, { fieldManager });
}

export function classObject(namespace: string, name: string, objectName = "color"): object {
  const objects = `array:\n  - |\n    objectName: ${objectName}\n    objectType: secret\n`;
  return {
    metadata: { namespace, name },
    spec: {
      provider: "azure",
      parameters: { keyvaultName: "lab-kv", tenantId: "00000000-0000-0000-0000-000000000000", objects },
      secretObjects: [{ secretName: "app", type: "Opaque", data: [{ objectName, key: "color" }] }],
    },
  };
}

export function workloadObject(namespace: string, name: string): object {
  const template = {
    metadata: { labels: { app: name }, annotations: { "example.com/note": "kept" } },
    spec: {
      containers: [
        {
          name: "app",
          image: "app:1",
          env: [{ name: "C", valueFrom: { secretKeyRef: { name: "app", key: "color" } } }],
        },
      ],
    },
  };
  const selector = { matchLabels: { app: name } };
  return { metadata: { namespace, name }, spec: { replicas: 2, selector, serviceName: name, template } };
}

export function secretObject(namespace: string, name: string, data: Readonly<Record<string, string>>): object {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return {
    metadata: { namespace, name, labels: { "secrets-store.csi.k8s.io/managed": "true", team: "a" } },
    type: "Opaque",
    data: Object.fromEntries(encoded),
  };
}

export function podObject(namespace: string, name: string): object {
  return {
    metadata: {
      namespace,
      name,
      labels: { "pod-template-hash": "abc" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-abc", uid: "rs-1", controller: true }],
    },
    spec: { containers: [{ name: "app", image: "app:1" }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

export function podStatusObject(namespace: string, podName: string, podUid: string): object {
  return {
    metadata: {
      namespace,
      name: `${podName}-${namespace}-class`,
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: podName, uid: podUid }],
    },
    status: {
      mounted: true,
      podName,
      secretProviderClassName: "class",
      objects: [{ id: "secret/color", version: "0123456789abcdef0123456789abcdef" }],
    },
  };
}

export function revisionObject(namespace: string, name: string, marker: string): object {
  const labels = { app: "web" };
  const template = {
    metadata: { labels, annotations: { "rotation-bridge/versions": marker } },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
  return {
    metadata: {
      namespace,
      name,
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d-1", controller: true }],
    },
    // A ReplicaSet has the first, a ControllerRevision the others; the API server drops what a kind does not know.
    spec: { selector: { matchLabels: labels }, template },
    data: { spec: { template } },
    revision: 1,
  };
}
