/** How the laws speak of a call of the bridge's. */

import type { BridgeCall } from "./sim.ts";

export function told(call: BridgeCall): string {
  return `${whatOf(call)} by instance ${call.instance}`;
}

export function whatOf({ verb, kind, namespace, name }: BridgeCall): string {
  return `${verb} ${kind} ${namespace}/${name}`;
}

export function isWorkload(kind: string): kind is "Deployment" | "StatefulSet" | "DaemonSet" {
  return kind === "Deployment" || kind === "StatefulSet" || kind === "DaemonSet";
}
