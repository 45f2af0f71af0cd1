/** What the cases of the Cluster port's contract share. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { WorkloadKind } from "../../shared/core/observed.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { SecretValue } from "../../shared/core/secret-value.ts";
import type { Cluster } from "../../shared/ports.ts";

/** What a cluster holds, as somebody else's client sees and changes it. */
export interface Holdings {
  /** Makes an object, with its status; answers with it as it is then. Manager `kubectl` where none is given. */
  put(kind: KindName, object: object, fieldManager?: string): Promise<JsonObject>;
  /** Throws where there is none. */
  get(kind: KindName, namespace: string, name: string): Promise<JsonObject>;
  find(kind: KindName, namespace: string, name: string): Promise<JsonObject | undefined>;
  /** A merge patch; answers with the object as it is then. */
  patch(kind: KindName, namespace: string, name: string, patch: JsonObject, fieldManager: string): Promise<JsonObject>;
  delete(kind: KindName, namespace: string, name: string): Promise<void>;
}

export interface ClusterSubject {
  readonly cluster: Cluster;
  readonly held: Holdings;
  /** Takes a permission away. */
  readonly forbid: (verb: "get" | "list" | "patch", kind: KindName) => Promise<void>;
  /** A webhook `policy.example.com` denies all writes but deletions, saying this; the answer takes it away. */
  readonly deny: (message: string) => Promise<() => Promise<void>>;
  /** Forgets old changes: who watches from before now must list. */
  readonly forget: () => Promise<void>;
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
