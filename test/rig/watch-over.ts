/** For those who only wait: a process of the rig that dies is noticed. */

import type { Rig } from "./rig.ts";

/** Tells once why the rig is no longer whole. The answer ends the watch. */
export function watchOver(rig: Pick<Rig, "check">, tell: (why: Error) => void): () => void {
  const timer = setInterval(() => {
    rig.check().catch((error: unknown) => {
      clearInterval(timer);
      tell(error instanceof Error ? error : new Error("The rig is no longer whole."));
    });
  }, 250);
  return () => clearInterval(timer);
}
