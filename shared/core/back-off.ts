/** Delays of a chain that waits for a person, an old pod or a cluster: doubled each time, up to an hour. */

export const longestDelayMs = 60 * 60_000;

export function nextDelayMs(beforeMs: number, atLeastMs: number): number {
  return Math.min(longestDelayMs, Math.max(atLeastMs, beforeMs * 2));
}
