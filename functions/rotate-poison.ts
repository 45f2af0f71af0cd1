/** Queue `rotations-poison`: what the host gave up after `maxDequeueCount` failures. */

import type { Deps } from "./deps.ts";
import { handle } from "./handle.ts";
import type { LogTarget } from "./log.ts";

export interface PoisonContext extends LogTarget {
  readonly triggerMetadata?: Readonly<Record<string, unknown>>;
}

export function rotatePoison(deps: Deps) {
  return (body: unknown, context: PoisonContext): Promise<void> =>
    handle(deps, context, async ({ bridge }) => {
      // The poison queue counts anew: this is how often the announcement itself was tried.
      const dequeueCount = context.triggerMetadata?.["dequeueCount"];
      await bridge.onPoison(body, { dequeueCount: typeof dequeueCount === "number" ? dequeueCount : undefined });
    });
}
