/**
 * Second tries, in one place and bounded: the SDK's own are off, because it gives up at once on a 429 without
 * Retry-After and waits as long as a Retry-After says.
 */

import type { Clock } from "../../ports.ts";
import type { Refusal } from "./refusal.ts";
import type { Reply } from "./vault-api.ts";

/** Key Vault's throttling guidance: 1, 2, 4, 8 seconds. A Retry-After takes the place of the step. */
const throttledSteps = [1000, 2000, 4000, 8000];
const unavailableSteps = [500, 1000, 2000];
/** No further try starts later than this after the first. */
const budgetMs = 30_000;

/** The first good reply, else the last refusal. Waits by the clock; ends within the budget and one request. */
export async function withRetries<T>(clock: Clock, attempt: () => Promise<Reply<T>>): Promise<Reply<T>> {
  const start = clock.now();
  for (let tries = 0; ; tries += 1) {
    const reply = await attempt();
    if (reply.ok) return reply;
    const wait = waitBefore(reply.refusal, tries);
    if (wait === undefined || clock.now() - start + wait > budgetMs) return reply;
    await clock.sleep(wait);
  }
}

function waitBefore(refusal: Refusal, tries: number): number | undefined {
  const steps =
    refusal.problem === "throttled" ? throttledSteps : refusal.problem === "unavailable" ? unavailableSteps : [];
  const step = steps[tries];
  return step === undefined ? undefined : (refusal.retryAfterMs ?? step);
}
