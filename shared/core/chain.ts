/**
 * Names of chains of messages. A name tells when the chain began, so that whoever meets another chain's record knows
 * which of the two is the newer one, whatever became of the others; clocks of instances may differ by seconds.
 */

/** `now` in milliseconds since 1970; `id` makes the name unique. */
export function newChain(now: number, id: string): string {
  return `${now.toString(36)}-${id}`;
}

/** Stands in the record of a target whose chain has ended without being proven: what is left of it is dropped. */
export function endedChain(now: number, id: string): string {
  return `${newChain(now, id)}${endedMark}`;
}

export function isEndedChain(chain: string): boolean {
  return chain.endsWith(endedMark);
}

/** Did this chain begin before the other, or with it? False where a name does not tell: nothing may be dropped then. */
export function isOlderChain(chain: string, other: string): boolean {
  return chain !== other && beginOf(chain) <= beginOf(other);
}

const endedMark = "-ended";

function beginOf(chain: string): number {
  return /^[0-9a-z]{8,9}-/.test(chain) ? Number.parseInt(chain, 36) : Number.NaN;
}
