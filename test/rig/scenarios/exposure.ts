/** How long an application holds a value that is dead: from a moment on until the last of its pods is Ready with another. */

import { listAt, textAt } from "../../../local/cluster/json.ts";
import type { Rig } from "../rig.ts";
import { watchKind } from "../watch.ts";

export interface Exposure {
  /** Every pod that lives now holds the dead value. */
  begin(): void;
  /** Milliseconds from `begin` until none of those pods lived and all others were Ready; undefined before that. */
  lasted(): number | undefined;
  close(): Promise<void>;
}

/** The pods of a namespace that has one application. */
export async function watchExposure(rig: Rig, namespace: string): Promise<Exposure> {
  const live = new Map<string, boolean>();
  let dead: ReadonlySet<string> = new Set();
  let begun = 0;
  let ended: number | undefined;
  const watching = await watchKind(rig, "Pod", namespace, ({ type, object, at }) => {
    const uid = textAt(object, "metadata", "uid");
    const conditions = listAt(object, "status", "conditions");
    const ready = conditions.some((one) => textAt(one, "type") === "Ready" && textAt(one, "status") === "True");
    if (type === "DELETED" || textAt(object, "metadata", "deletionTimestamp") !== "") live.delete(uid);
    else live.set(uid, ready);
    const over = live.size > 0 && [...live].every(([pod, isReady]) => isReady && !dead.has(pod));
    if (dead.size > 0 && over) ended ??= at;
  });
  return {
    begin: () => {
      dead = new Set(live.keys());
      begun = Date.now();
    },
    lasted: () => {
      const broken = watching.broken();
      if (broken !== undefined) throw new Error(broken);
      return ended === undefined ? undefined : ended - begun;
    },
    close: () => watching.close(),
  };
}
