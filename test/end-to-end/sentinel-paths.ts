/** The paths of the sentinel test: what goes wrong with a value's way from the vault to the pods, and how it ends. */

import type { Fault } from "../../local/cluster/http-faults.ts";
import type { FrontRequest } from "../../local/cluster/http-front.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import type { ClassSpec } from "../scenarios/manifests.ts";
import { binary, certificate, hexText, sentinel } from "./sentinels.ts";
import type { Walkthrough } from "./walkthrough.ts";

export interface Path {
  readonly name: string;
  readonly ends: string | RegExp;
  /** Whose outcome that is: `kv` by default. */
  readonly of?: "*" | "kv";
  readonly value?: (name: string) => string;
  readonly oldValue?: (name: string) => string;
  readonly class?: Partial<ClassSpec>;
  readonly vault?: readonly [VaultFault, number];
  /** Which requests go wrong, how often and how; `echo` holds what the request may have held. */
  readonly api?: readonly [FrontRequest["verb"], KindName, number, (echo: string) => Fault];
  /** Instead of the event. */
  readonly message?: (spec: Walkthrough) => object;
  readonly afterStart?: (spec: Walkthrough) => void;
}

const always = Number.POSITIVE_INFINITY;
const status =
  (code: number, message: string) =>
  (echo: string): Fault => ({
    kind: "status",
    status: code,
    body: JSON.stringify({ kind: "Status", status: "Failure", code, reason: "Invalid", message: `${message} ${echo}` }),
  });

function encoded(object: string, objectEncoding: string): Partial<ClassSpec> {
  return { objects: [{ objectName: object, objectEncoding }] };
}

export const paths: readonly Path[] = [
  { name: "success", ends: "converged" },
  { name: "binary", ends: "converged", value: binary, oldValue: binary, class: encoded("binary", "base64") },
  { name: "large", ends: "converged", value: (name) => `${"x".repeat(20_000)}${sentinel(name)}` },
  { name: "vault-403", ends: "refused(object-forbidden)", vault: [{ kind: "forbidden" }, always] },
  { name: "vault-404", ends: "refused(object-missing)", vault: [{ kind: "not-found" }, always] },
  {
    name: "vault-429",
    ends: "waiting(vault-unavailable)",
    vault: [{ kind: "throttled", retryAfterSeconds: 1 }, always],
  },
  { name: "vault-500", ends: "waiting(vault-unavailable)", vault: [{ kind: "server-error" }, always] },
  { name: "vault-reset", ends: "converged", vault: [{ kind: "reset" }, 2] },
  { name: "vault-hangs", ends: "converged", vault: [{ kind: "hang" }, 1] },
  { name: "write-409", ends: "converged", api: ["patch", "Secret", 3, status(409, "the object has been modified")] },
  { name: "write-422", ends: "failed(patch-rejected)", api: ["patch", "Secret", always, status(422, "invalid")] },
  { name: "write-500", ends: "converged", api: ["patch", "Secret", 2, status(500, "etcd:")] },
  {
    name: "write-503",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["patch", "Secret", always, status(503, "down")],
  },
  {
    name: "write-denied",
    ends: "failed(patch-rejected)",
    api: ["patch", "Secret", always, status(403, 'admission webhook "policy.example" denied the request:')],
  },
  { name: "write-403", ends: "refused(no-rbac)", api: ["patch", "Secret", always, status(403, "forbidden")] },
  { name: "write-401", ends: "refused(no-rbac)", api: ["patch", "Secret", always, status(401, "Unauthorized")] },
  { name: "restart-422", ends: "failed(patch-rejected)", api: ["patch", "Deployment", always, status(422, "invalid")] },
  { name: "read-403", ends: "refused(no-rbac)", api: ["get", "Secret", always, status(403, "forbidden")] },
  {
    name: "read-broken",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["get", "Secret", always, (echo) => ({ kind: "status", status: 200, body: `{"data": {"mysecret": "${echo}` })],
  },
  {
    name: "read-other",
    of: "*",
    ends: "waiting(cluster-unreachable)",
    api: ["list", "Pod", always, (echo) => ({ kind: "status", status: 500, body: `<html>${echo}</html>` })],
  },
  { name: "not-hex", ends: "refused(class-invalid)", oldValue: hexText, class: encoded("not-hex", "hex") },
  {
    name: "malformed-class",
    ends: "refused(class-invalid)",
    // An event finds no class whose objects cannot be read; a look at the whole target does.
    message: ({ cluster, namespace }) => {
      const target = { cluster: cluster.name, namespace };
      return JSON.parse(
        encodeMessage({ kind: "target", v: 1, target, chain: "chain", scope: "all", memory: emptyMemory }),
      );
    },
    afterStart: ({ cluster, namespace }) => {
      const objects = `array:\n  - |\n    objectName: "${sentinel("malformed class")}\n    objectType: [secret\n`;
      cluster.local.patch("SecretProviderClass", namespace, "kv", { spec: { parameters: { objects } } });
    },
  },
  {
    name: "not-a-certificate",
    ends: /^refused/,
    value: certificate,
    afterStart: ({ cluster, namespace, object }) => {
      const secretObjects = [
        { secretName: "syncedsecret", type: "Opaque", data: [{ key: "mysecret", objectName: object }] },
        { secretName: "tls", type: "kubernetes.io/tls", data: [{ key: "tls.crt", objectName: object }] },
      ];
      cluster.local.patch("SecretProviderClass", namespace, "kv", { spec: { secretObjects } });
    },
  },
];
