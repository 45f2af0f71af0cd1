/** Waiting for the rig, in real time. */

import type { Namespace } from "./namespace.ts";

/**
 * Asks every 50 ms until the answer is yes; an error counts as no. Throws when a process of the rig has died, or
 * after a minute.
 */
export async function until(
  what: string,
  namespace: Pick<Namespace, "check">,
  holds: () => Promise<boolean>,
  timeoutMs: number = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await namespace.check();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`, { cause: last });
}
