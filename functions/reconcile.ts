/**
 * Timer: finds what events missed. It only puts a message on the queue, because on Flex Consumption each function has
 * processes of its own: the one that rotates is kept warm and knows what it has proved (docs/decisions/0020).
 */

import { reconcileMessage } from "../shared/core/reconcile/message.ts";
import { systemClock } from "./clock.ts";
import type { Deps } from "./deps.ts";
import { handle } from "./handle.ts";
import type { LogTarget } from "./log.ts";

export function reconcile(deps: Deps) {
  return (_timer: unknown, context: LogTarget): Promise<void> =>
    handle(deps, context, ({ enqueue }) => enqueue(reconcileMessage(systemClock.now())));
}
