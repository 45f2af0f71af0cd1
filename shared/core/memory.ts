/**
 * What a chain of looks at one target carries from one to the next, in the queue message. Everything else is read
 * from the cluster each time. Lost, it starts at zero: that costs time or work. Only `reverted` nothing in the cluster
 * tells any more, so it is kept in the history too.
 */
export interface Memory {
  /** When each thing was first seen, by a key of plan's own (`stale/…`, `right/…`, `lost/…`, `settle`). Milliseconds. */
  readonly firstSeen: Readonly<Record<string, number>>;
  /** How often plan did something that has a bound (`rewrite/<secret>`, `again/<workload>`). */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Restarts (`Kind/name@…`) whose rollout saw the Secret reverted: their pods may have started with old bytes. With `+…`:
   * for one object of one class only, to be judged once the class may be worked on.
   */
  readonly reverted: readonly string[];
  /** Delay of the last message of this chain, for backing off. */
  readonly delayMs: number;
}

const mostReverted = 100;

/**
 * Bounded. Of restarts that are known to be wrong the last ones matter, for what was restarted since is done with. What is
 * to be judged later takes the room that these leave, and keeps it: a class that is left alone may have many workloads.
 */
export function withReverted(known: readonly string[], more: readonly string[]): readonly string[] {
  const all = [...new Set([...known, ...more])];
  const certain = all.filter((noted) => !noted.includes("+")).slice(-mostReverted);
  const toJudge = all.filter((noted) => noted.includes("+")).slice(0, mostReverted - certain.length);
  const kept = new Set([...certain, ...toJudge]);
  return all.filter((noted) => kept.has(noted));
}

export const emptyMemory: Memory = { firstSeen: {}, counts: {}, reverted: [], delayMs: 0 };
