/** Words that the tables of plan and status share. */

import { saidWord } from "../shared/core/said.ts";
import type { Said } from "../shared/core/said.ts";
import type { Unread } from "../shared/core/plan-report/plan-report-types.ts";
import { shown } from "./output.ts";
import type { Paint } from "./terminal.ts";

export function count(number: number, what: string): string {
  const many = what.endsWith("s") ? `${what}es` : `${what}s`;
  return `${number} ${number === 1 ? what : many}`;
}

/** `refused(no-rbac)`, red unless it has converged or passes by itself. */
export function paintedWord(said: Said, paint: Paint): string {
  const word = saidWord(said);
  if (said.outcome === "converged") return word;
  return said.outcome === "waiting" ? paint.warn(word) : paint.bad(word);
}

/** What it is, its word, what to do, and what it is about. */
export function saidLine(what: string, said: Said, paint: Paint): string {
  const about = said.about.filter((one) => one !== what).map((one) => shown(one, 300));
  const tail = about.length === 0 ? "" : ` (${about.join("; ")})`;
  return `${shown(what)}: ${paintedWord(said, paint)}. ${said.sentence ?? ""}${tail}`;
}

export function unreadLines(unread: readonly Unread[], paint: Paint): readonly string[] {
  return unread.map(({ cluster, namespace, said }) => {
    const what = namespace === undefined ? `Cluster ${cluster}` : `${cluster}/${namespace}`;
    if (said.reason !== "no-rbac") return `Not read. ${saidLine(what, said, paint)}`;
    // The reason's own sentence speaks of the bridge's identity, and it is the caller's that was turned away.
    const own = paint.bad("your own sign-in may not read it");
    const about = said.about.map((one) => shown(one, 300)).join("; ");
    return `Not read. ${shown(what)}: ${own}; whether the bridge's may is another matter. (${about})`;
  });
}

/** `2026-01-31T08:15:00.000Z` -> `2026-01-31 08:15:00 UTC`. */
export function timeText(iso: string | undefined): string {
  return iso === undefined ? "" : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
