/** Queue `rotations`: a Key Vault event as Event Grid delivers it, or one of the bridge's own messages. */

import type { Deps } from "./deps.ts";
import { handle } from "./handle.ts";
import type { LogTarget } from "./log.ts";

export function rotate(deps: Deps) {
  return (body: unknown, context: LogTarget): Promise<void> =>
    handle(deps, context, async ({ bridge }) => {
      const result = await bridge.onMessage(body);
      for (const { reason, about } of result.ignored) deps.log.info("message-ignored", { reason, about });
      for (const { target, outcome, reason } of result.targets)
        deps.log.info("target-done", { target, outcome, reason });
    });
}
