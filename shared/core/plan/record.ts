/** What a chain must remember of a step that has been carried out. Pure: memory in, memory out. */

import { parseMarker } from "../marker.ts";
import type { Memory } from "../memory.ts";
import { workloadKey } from "../observed.ts";
import type { SyncedSecret } from "../observed.ts";
import { duePrefix, isOwnedOf, restartKey, rollingKey, unchangedKeys } from "./memory-keys.ts";
import type { Step } from "./plan-types.ts";

/** `written`: the Secret as it is since. */
export function recordDone(memory: Memory, step: Step, now: number, written?: SyncedSecret): Memory {
  switch (step.kind) {
    case "write": {
      const since = [...step.counts, step.rightKey, ...(written === undefined ? [] : unchangedKeys(written))];
      return {
        ...memory,
        counts: added(memory.counts, step.counts),
        firstSeen: { ...memory.firstSeen, ...Object.fromEntries(since.map((key) => [key, now])) },
      };
    }
    case "touch":
      return { ...memory, counts: added(memory.counts, step.counts) };
    case "restart": {
      const key = workloadKey(step.workload);
      // The same restart may have been set before, and undone: what our writes owned then, the driver may own now.
      const earlier = Object.entries(memory.counts).filter(([name]) => !isOwnedOf(name, key));
      const counts = added(Object.fromEntries(earlier), step.counts);
      const rolling = rollingKey(restartKey(key, parseMarker(step.marker)));
      // A webhook may take the marker out: what was due has been done all the same.
      const seen = Object.entries(memory.firstSeen).filter(([name]) => !name.startsWith(duePrefix(key)));
      const firstSeen = { ...Object.fromEntries(seen), [rolling]: now };
      return {
        ...memory,
        counts,
        firstSeen,
        // The new template's pods start after the write that was made again: their reverts are counted afresh.
        reverted: memory.reverted.filter((restart) => !restart.startsWith(`${key}@`)),
      };
    }
  }
}

function added(counts: Memory["counts"], keys: readonly string[]): Memory["counts"] {
  const sums = { ...counts };
  for (const key of keys) sums[key] = (sums[key] ?? 0) + 1;
  return sums;
}
