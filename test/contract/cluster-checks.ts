/** What the cases of the Cluster port's contract share. */

import assert from "node:assert/strict";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { Store } from "../../local/cluster/store.ts";
import type { WorkloadKind } from "../../shared/core/observed.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { SecretValue } from "../../shared/core/secret-value.ts";
import type { Cluster } from "../../shared/ports.ts";

export interface ClusterSubject {
  readonly cluster: Cluster;
  /** What the cluster holds. */
  readonly store: Store;
  /** Takes a permission away. */
  readonly forbid: (verb: "get" | "list" | "patch", kind: KindName) => void;
  readonly end: () => Promise<void>;
}

/** Registers one case; each gets a subject of its own. */
export type Given = (what: string, run: (subject: ClusterSubject) => Promise<void>) => void;

export const workloadKinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];

export async function problem(work: Promise<unknown>, kind: RemoteProblem["kind"]): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof RemoteProblem, String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  });
}

export function textOf(value: SecretValue | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.reveal());
}

export function versionOf(object: { readonly [key: string]: unknown }): string {
  const metadata = object["metadata"];
  const version =
    typeof metadata === "object" && metadata !== null && "resourceVersion" in metadata ? metadata.resourceVersion : "";
  return String(version);
}
