/**
 * A look finds other bytes in a Secret that a complete rollout reads, and has them written right. Whoever starts between
 * that look and two seconds after the write (somebody rolls the workload out, a container crashes) may start with them, and
 * the next look finds everything right.
 */

import { lastStartOf, lastWriteAt } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { restartKey, wrongPrefix } from "./memory-keys.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** A look, its writes, and the starts that kubelets report after that. */
const repairMs = 30_000;

/** Notes each key that is wrong, by the youngest start that there was at first, and the restart as one whose pods met it. */
export function noteRepairs({ item, marker }: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const { notebook } = look;
  const restart = restartKey(item.key, marker);
  const starts = item.pods.flatMap((pod) => (pod.started ? [lastStartOf(pod)] : []));
  for (const read of marked.flatMap(({ keys }) => keys)) {
    const prefix = wrongPrefix(restart, read.secret.name, read.key);
    const [noted] = notebook.beginningWith(prefix);
    const youngest = noted === undefined ? undefined : Number(noted.slice(prefix.length));
    if (youngest !== undefined && starts.some((at) => at > youngest && !isAfterWrite(at, read)))
      notebook.markReverted(restart);
    if (isWrong(read, look)) notebook.renew(noted ?? `${prefix}${Math.max(0, ...starts)}`);
    else if (noted !== undefined && notebook.since(noted) > repairMs) notebook.forget(noted);
  }
}

/** A write at second W is over by W + 1, and kubelets may see it a second later. */
function isAfterWrite(startedAt: number, read: ReadKey): boolean {
  const wroteAt = lastWriteAt(read);
  return wroteAt !== undefined && startedAt >= wroteAt + 2000;
}

function isWrong({ secret, key }: ReadKey, look: Look): boolean {
  const state = activeSecret(look, secret.name)?.secret.state;
  return state?.kind === "wrong" && state.differing.includes(key);
}
