/** Timer: finds what events missed. */

import type { Deps } from "./deps.ts";
import { handle } from "./handle.ts";
import type { LogTarget } from "./log.ts";

export function reconcile(deps: Deps) {
  return (_timer: unknown, context: LogTarget): Promise<void> =>
    handle(deps, context, async ({ bridge }) => {
      const { looked, unfinished } = await bridge.reconcile();
      deps.log.info("reconciled", { looked, unfinished });
    });
}
