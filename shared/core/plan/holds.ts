/**
 * Why a class must be left alone at this look: the vault's answer is stale or unsure, or its newest version is so young
 * that another may follow.
 */

import { ourWriteAt } from "../freshness.ts";
import { ownMarker } from "../marker.ts";
import { clocksDifferMs } from "./clocks.ts";
import type { ActiveClass, Look } from "./look.ts";
import type { Next } from "./plan-types.ts";
import { pollGrowing, waiting } from "./wait.ts";
import { isUnexplained } from "./unexplained.ts";
import type { Waiting } from "./wait.ts";
import { standingOf } from "./wanted.ts";
import type { Wanted } from "./wanted.ts";

/** The stale-read guard: an older answer must never overwrite a newer version that somebody already saw. */
export function staleHold(owner: ActiveClass, look: Look): Waiting | undefined {
  const holds: Waiting[] = [];
  for (const object of owner.objects) {
    const { wanted } = object;
    if (wanted.pinned) continue;
    const standing = standingOf(wanted, look.shown, look.input.vault);
    look.needs.push(...standing.needs);
    if (standing.unsure) holds.push(waiting("vault-unavailable", [wanted.key], { kind: "later", atLeastMs: 15_000 }));
    if (standing.stale) {
      const waited = look.notebook.since(`stale/${wanted.key}`);
      holds.push(
        waiting(
          "vault-stale",
          [wanted.key],
          waited < look.timeouts.vaultStaleMs ? pollVault(waited, look) : { kind: "later", atLeastMs: 60_000 },
        ),
      );
    }
    if (isOvertaken(wanted, owner, look) || isUnexplained(object, owner, look)) {
      const waited = look.notebook.since(`overtaken/${wanted.key}`);
      if (waited < look.timeouts.vaultStaleMs)
        holds.push(waiting("vault-stale", [wanted.key], pollVault(waited, look)));
    }
    for (const id of standing.unknown) {
      // An id that the vault does not know by then is not the vault's: ignored.
      const unknownFor = look.notebook.since(`unknown/${wanted.key}@${id}`);
      if (unknownFor < look.timeouts.vaultStaleMs) {
        holds.push(waiting("vault-stale", [`${wanted.key}@${id}`], pollVault(unknownFor, look)));
      }
    }
  }
  holds.push(...splitCertificates(owner, look));
  return holds.find((found) => found.outcome.reason === "vault-unavailable") ?? holds[0];
}

/** Replicas catch up within seconds; what takes longer (a version that is gone for good) is asked for less and less often. */
function pollVault(waitedMs: number, look: Look): Next {
  return pollGrowing(2000, Math.min(waitedMs / 5, look.timeouts.vaultStaleMs - waitedMs));
}

/**
 * We wrote other bytes after this version was created (or after something was restarted for it, which needs no two clocks
 * to agree), and nobody has changed them since: one of the two answers came from a lagging replica, and it may well be this
 * one, although nothing in the namespace shows a newer version yet.
 *
 * Asked of a class that was changed since, too: a change need not be of this key, and no edit makes a replica catch up.
 * Where the key does have another source now, that one's bytes come once the vault has had its time.
 */
function isOvertaken(wanted: Wanted, owner: ActiveClass, look: Look): boolean {
  if (wanted.createdOn === 0) return false;
  const surely = Math.min(wanted.createdOn + clocksDifferMs, ...restartsFor(wanted, look));
  return owner.secrets.some(({ state, sources }) => {
    if (state.kind !== "wrong") return false;
    return state.differing.some((key) => {
      const source = sources.get(key);
      if (source?.key !== wanted.key || source.pinned) return false;
      const wroteAt = ourWriteAt({ secret: state.secret, key });
      return wroteAt !== undefined && wroteAt > surely;
    });
  });
}

/** When workloads were restarted last, of those whose marker names this version. */
function restartsFor(wanted: Wanted, look: Look): readonly number[] {
  return look.found.workloads.flatMap(({ workload }) => {
    const { restartedByUsAt: at } = workload;
    return at !== undefined && ownMarker(workload).entries.get(wanted.key)?.version === wanted.current.version
      ? [at]
      : [];
  });
}

/**
 * A certificate is three objects of one name and one version: certificate, secret and key. Where the vault names
 * different versions at once, one of its answers is old, and a certificate would get another one's key. A key alone is
 * waited for only so long: it may be renewed before its certificate is issued.
 */
function splitCertificates(owner: ActiveClass, look: Look): readonly Waiting[] {
  const groups = new Map<string, Wanted[]>();
  for (const { wanted } of owner.objects) {
    if (wanted.pinned || wanted.history) continue;
    const name = `${wanted.object.vault}/${wanted.object.name}`.toLowerCase();
    groups.set(name, [...(groups.get(name) ?? []), wanted]);
  }
  return [...groups].flatMap(([name, all]) => {
    const issued = all.filter(
      ({ object, current }) => object.type === "cert" || (object.type === "secret" && (current.keyId ?? "") !== ""),
    );
    if (issued.length === 0 || versionsOf(all).size === 1) return [];
    const waited = look.notebook.since(`split/${name}`);
    const overdue = waited >= look.timeouts.vaultStaleMs;
    if (overdue && versionsOf(issued).size === 1) return [];
    const about = all.map(({ key, current }) => `${key}@${current.version}`);
    return [waiting("vault-stale", about, overdue ? { kind: "later", atLeastMs: 60_000 } : pollVault(waited, look))];
  });
}

function versionsOf(all: readonly Wanted[]): ReadonlySet<string> {
  return new Set(all.map(({ current }) => current.version));
}

/** Milliseconds until the objects of these classes have settled; 0 when they have. Bounded, whatever the vault's clock says. */
export function settleMs(owners: readonly ActiveClass[], look: Look): number {
  const newest = Math.max(
    0,
    ...owners.flatMap((owner) =>
      owner.objects.filter((object) => !object.wanted.pinned).map((object) => object.wanted.createdOn),
    ),
  );
  const left = newest + look.policy.settleMs - look.now;
  if (left <= 0) return 0;
  const waited = Math.max(...owners.map((owner) => look.notebook.since(`settle/${owner.item.name}`)));
  const bounded = Math.min(left, look.policy.settleAtMostMs - waited);
  if (bounded <= 0) for (const owner of owners) look.notebook.forget(`settle/${owner.item.name}`);
  return Math.max(0, bounded);
}

/**
 * Defence in depth: a value goes only where the object has been mounted before, at a version that the vault knows. The
 * answer names the objects that lack it.
 */
export function neverMounted(objects: Iterable<Wanted>, look: Look): readonly string[] {
  return [...objects]
    .filter((wanted) =>
      wanted.pinned
        ? look.shown.pinned.get(wanted.key)?.has(wanted.current.version) !== true
        : !standingOf(wanted, look.shown, look.input.vault).seenMounted,
    )
    .map((wanted) => wanted.key);
}
