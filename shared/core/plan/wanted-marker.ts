/** The marker that a restart writes. */

import type { WorkloadPods } from "../dependents.ts";
import type { Marker, MarkerEntry } from "../marker.ts";
import type { Look } from "./look.ts";
import type { WorkloadState } from "./workload-state.ts";

/**
 * The marker in full: one entry for each object that it mounts or that feeds a key it reads. Entries of classes that
 * are refused or cannot be read stay as they were; objects that no class names any more are dropped.
 */
export function wantedEntries(state: WorkloadState, look: Look): Marker["entries"] {
  const entries = new Map<string, MarkerEntry>();
  const put = (key: string, version: string, createdOn: number) => entries.set(key, { version, createdOn });
  const settled = new Set<string>();
  for (const owner of state.classes) {
    if (state.item.mounts.has(owner.item.name)) {
      for (const { wanted } of owner.objects) put(wanted.key, wanted.current.version, wanted.createdOn);
    }
    for (const secret of owner.secrets) {
      const read = state.item.reads.filter((entry) => entry.secret === secret.name);
      for (const [key, wanted] of secret.sources) {
        if (read.some((entry) => entry.key === undefined || entry.key === key))
          put(wanted.key, wanted.current.version, wanted.createdOn);
      }
    }
    for (const { wanted } of owner.objects) settled.add(wanted.key);
  }
  const readable = [...look.found.classes.values()].every(
    (item) => look.active.has(item.name) || !dependsOn(state.item, item.name, look),
  );
  if (!readable) for (const [key, entry] of state.marker.entries) if (!settled.has(key)) entries.set(key, entry);
  return entries;
}

function dependsOn(item: WorkloadPods, className: string, look: Look): boolean {
  if (item.mounts.has(className)) return true;
  return item.reads.some((read) => look.found.claimants(read.secret).some((owner) => owner.name === className));
}
