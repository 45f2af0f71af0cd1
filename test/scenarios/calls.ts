/** What the bridge asked and changed, counted by kind, look by look. */

import assert from "node:assert/strict";
import type { Call } from "./remote-call.ts";
import type { World } from "./world.ts";

/** One look at one target: what was asked from its list of classes to its steps. */
export interface Reading {
  /** `cluster/namespace`. */
  readonly target: string;
  readonly calls: readonly Call[];
}

/**
 * The looks of these calls, in order. Calls to a vault and to the queue name no target: they are counted to the look that
 * began last, which is the right one where only one target is worked on.
 */
export function readings(calls: readonly Call[]): readonly Reading[] {
  const found: { readonly target: string; readonly calls: Call[] }[] = [];
  const latest = new Map<string, Call[]>();
  for (const call of calls) {
    if (isDriver(call) || isSearch(call)) continue;
    const target = call.target === "cluster" ? `${call.cluster}/${call.namespace}` : (found.at(-1)?.target ?? "");
    if (call.kind === "SecretProviderClass") {
      const reading = { target, calls: [] };
      found.push(reading);
      latest.set(target, reading.calls);
    }
    latest.get(target)?.push(call);
  }
  return found;
}

/** The driver's facts: the adapter keeps them and reads them beside the work. */
function isDriver({ kind, namespace }: Call): boolean {
  return kind === "CSIDriver" || (kind === "DaemonSet" && namespace === "kube-system");
}

/** The index of classes: the adapter keeps it and catches up by a watch. */
function isSearch({ kind, namespace }: Call): boolean {
  return kind === "SecretProviderClass" && namespace === "";
}

export type Counts = Readonly<Record<string, number>>;

/** By what is asked or done, as `list Pod`; of a vault as `vault current`. */
export function countsOf(calls: readonly Call[]): Counts {
  const counts: Record<string, number> = {};
  for (const call of calls) {
    if (isDriver(call)) continue;
    const { target, verb, kind } = call;
    const name = target === "cluster" ? (isSearch(call) ? "index" : `${verb} ${kind}`) : `${target} ${verb}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function count(calls: readonly Call[], name: string): number {
  return countsOf(calls)[name] ?? 0;
}

/**
 * No call that an answer of the same look held already: nothing of the cluster is asked twice, nothing is read by its name
 * that a list gave, and no version is asked for by its id that the vault has just named as the current one.
 */
export function assertNothingAskedTwice(world: World, calls: readonly Call[] = world.calls): void {
  for (const reading of readings(calls)) {
    const listed = new Set<string>();
    const asked = new Set<string>();
    const current = new Map<string, string>();
    for (const call of reading.calls) {
      const { target, verb, kind, name, version = "" } = call;
      const said = `${target} ${verb} ${kind} ${name} ${version}`;
      if (target === "cluster" && verb === "list") listed.add(kind);
      if (target === "cluster" && verb === "get")
        assert.ok(!listed.has(kind), `${said}: the list of ${reading.target} holds it`);
      const repeats = target === "cluster" && verb !== "patch" ? asked.has(said) : false;
      assert.ok(!repeats, `${said}: asked twice in one look at ${reading.target}`);
      asked.add(said);
      if (target === "vault" && verb === "current") {
        const now = world.vault.versions("contoso", name).findLast((stored) => stored.enabled);
        current.set(name, now?.version ?? "");
      }
      if (target === "vault" && verb === "version")
        assert.notEqual(current.get(name), version, `${said}: the vault has just named it`);
    }
  }
}
