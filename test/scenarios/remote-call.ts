/** A call of the bridge to something remote, as scenarios see, count and disturb it. */

import type { PortCall } from "../../local/cluster/cluster-port.ts";
import type { VaultCall } from "../../local/key-vault/vault-port.ts";

export interface Call {
  readonly target: "cluster" | "vault" | "queue";
  readonly verb: string;
  readonly kind: string;
  readonly name: string;
  /** Of a call to a cluster; empty elsewhere. */
  readonly cluster: string;
  /** Of a call to a cluster; empty for the whole cluster. */
  readonly namespace: string;
  /** Of a call to a vault that names one. */
  readonly version: string | undefined;
}

/** Runs before each remote call of an instance; may throw a fault or never return. */
export type Hook = (call: Call) => void | Promise<void>;

export function clusterCall(cluster: string, { verb, kind, name, namespace }: PortCall): Call {
  return { target: "cluster", verb, kind, name, cluster, namespace, version: undefined };
}

export function vaultCall({ method, object: { type, name }, version }: VaultCall): Call {
  return { target: "vault", verb: method, kind: type, name, cluster: "", namespace: "", version };
}

export const queueCall: Call = {
  target: "queue",
  verb: "send",
  kind: "message",
  name: "",
  cluster: "",
  namespace: "",
  version: undefined,
};
