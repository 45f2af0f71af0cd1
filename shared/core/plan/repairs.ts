/**
 * A look finds other bytes in a Secret that pods of our restart read, and has them written right. Whoever starts between
 * that look and two seconds after the write (somebody rolls the workload out, a container crashes) may start with them, and
 * the next look finds everything right.
 */

import { lastStartOf } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { mendedPrefix, restartKey, wrongPrefix } from "./memory-keys.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** From the look that finds the Secret mended: kubelets report a start some seconds late. */
const reportedMs = 30_000;

/**
 * Notes a Secret that is wrong by the youngest start that there was then, and one that is mended by that and the time of
 * the write: later ones, of other keys, say nothing of it. Who started in between has met other bytes.
 */
export function noteRepairs({ item, marker }: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const restart = restartKey(item.key, marker);
  const starts = item.pods.flatMap((pod) => (pod.started ? [lastStartOf(pod)] : []));
  const reads = Map.groupBy(
    marked.flatMap(({ keys }) => keys),
    ({ secret }) => secret.name,
  );
  for (const [secret, keys] of reads) {
    const met = [noteWrong(restart, secret, keys, starts, look), ...noteMended(restart, secret, starts, look)];
    if (met.includes(true)) look.notebook.markReverted(restart);
  }
}

/** Did somebody start since the look that found it wrong, and before it was written right? */
function noteWrong(
  restart: string,
  secret: string,
  keys: readonly ReadKey[],
  starts: readonly number[],
  look: Look,
): boolean {
  const { notebook } = look;
  const prefix = wrongPrefix(restart, secret);
  const [noted] = notebook.beginningWith(prefix);
  const state = activeSecret(look, secret)?.secret.state;
  const isWrong = state?.kind === "wrong" && keys.some(({ key }) => state.differing.includes(key));
  if (isWrong) notebook.since(noted ?? `${prefix}${Math.max(0, ...starts)}`);
  if (noted === undefined) return false;
  const youngest = Number(noted.slice(prefix.length));
  if (isWrong) return starts.some((at) => at > youngest);
  const wroteAt = Math.max(0, ...keys.flatMap(writesOf));
  notebook.since(`${mendedPrefix(restart, secret)}${youngest}/${wroteAt}`);
  return startedBetween(starts, youngest, wroteAt);
}

function noteMended(
  restart: string,
  secret: string,
  starts: readonly number[],
  { notebook }: Look,
): readonly boolean[] {
  const prefix = mendedPrefix(restart, secret);
  return notebook.beginningWith(prefix).map((noted) => {
    const [youngest = 0, wroteAt = 0] = noted.slice(prefix.length).split("/").map(Number);
    if (notebook.since(noted) > reportedMs) notebook.forget(noted);
    return startedBetween(starts, youngest, wroteAt);
  });
}

function writesOf({ secret, key }: ReadKey): readonly number[] {
  return secret.writers.flatMap(({ keys, at }) => (keys.has(key) ? [at] : []));
}

/** A write at second W is over by W + 1, and kubelets may see it a second later. */
function startedBetween(starts: readonly number[], youngest: number, wroteAt: number): boolean {
  return starts.some((at) => at > youngest && at < wroteAt + 2000);
}
