/**
 * Event Grid trigger, for subscriptions that can't deliver to the queue: check, put on the queue, answer. Event Grid
 * waits 30 s and slows down a whole endpoint after failures (docs/facts.md), so no work happens here.
 */

import { RemoteProblem } from "../shared/core/remote-problem.ts";
import type { Deps } from "./deps.ts";
import { handle } from "./handle.ts";
import type { LogTarget } from "./log.ts";

/** What is no event of ours is dropped with its reason: delivered again, it would be no better. */
export function keyVaultEvent(deps: Deps) {
  return (body: unknown, context: LogTarget): Promise<void> =>
    handle(deps, context, async (app) => {
      const { events, ignored } = app.readMessage(body);
      for (const { reason, about } of ignored) deps.log.info("event-ignored", { reason, about });
      if (events.length === 0) return;
      if (!(await app.checkEnvelope(body))) {
        deps.log.info("event-ignored", { reason: "not-an-event", about: "message" });
        return;
      }
      try {
        await app.enqueue(body);
      } catch (error) {
        if (!(error instanceof RemoteProblem && error.status === 413)) throw error;
        deps.log.warn("event-ignored", { reason: "too-large", about: "message" });
      }
    });
}
