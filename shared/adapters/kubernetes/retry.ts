/**
 * Second tries, in one place and bounded. All calls of the adapter may be repeated: reads change nothing, and a patch
 * carries the resourceVersion it was decided on, so that one that got through unseen makes its repetition a conflict.
 */

import type { Clock } from "../../ports.ts";
import type { Failure } from "./failure.ts";

export interface RetryLimits {
  /** Tries in all. */
  readonly tries: number;
  /** No try starts, and none lasts, beyond this time after the first began. */
  readonly totalMs: number;
  /** For one try, token and body included. */
  readonly tryMs: number;
  /** Wait before the second try; it doubles from there, and up to half of it is left out by chance. */
  readonly firstWaitMs: number;
}

export const defaultLimits: RetryLimits = { tries: 4, totalMs: 25_000, tryMs: 10_000, firstWaitMs: 200 };

export type TryResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** The first good result; throws the last failure's RemoteProblem. `attempt` gets the milliseconds it may take. */
export async function withRetries<T>(
  clock: Clock,
  limits: RetryLimits,
  attempt: (ms: number) => Promise<TryResult<T>>,
): Promise<T> {
  const start = clock.now();
  for (let tries = 1; ; tries += 1) {
    const left = limits.totalMs - (clock.now() - start);
    const result = await attempt(Math.max(1, Math.min(limits.tryMs, left)));
    if (result.ok) return result.value;
    const { problem, retryable, retryAfterMs } = result.failure;
    const wait = retryAfterMs ?? limits.firstWaitMs * 2 ** (tries - 1) * (1 - chance(clock.id()) / 2);
    const inTime = clock.now() - start + wait < limits.totalMs;
    if (!retryable || tries >= limits.tries || !inTime) throw problem;
    await clock.sleep(wait);
  }
}

/** A number in [0, 1) drawn from a fresh id (FNV-1a), so that a simulated clock decides chance too. */
function chance(id: string): number {
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
