/** The keys under which a chain's memory keeps what more than one rule asks for. */

import { digest } from "../digest.ts";
import { fieldManager } from "../marker.ts";
import type { Marker } from "../marker.ts";
import { emptyMemory } from "../memory.ts";
import type { Memory } from "../memory.ts";
import type { SyncedSecret } from "../observed.ts";
import type { ActiveSecret } from "./look.ts";

/** Since when the Secret has held the bytes of the versions wanted now. */
export function rightKey(secret: Pick<ActiveSecret, "name" | "sources">): string {
  const versions = [...secret.sources.values()].map((wanted) => wanted.current.version.slice(0, 8)).sort();
  return `right/${secret.name}@${[...new Set(versions)].slice(0, 20).join("+")}`;
}

/**
 * Since when these keys of the Secret have been as they are: what a look finds right twice may have been reverted in
 * between. While our entry owns them it tells, for a revert takes them from it. What the driver wrote, and wrote again, only
 * the resourceVersion tells: times are whole seconds, and its entry is dated anew for other reasons.
 */
export function unchangedKey(secret: SyncedSecret, keys: Iterable<string>): string {
  const ours = secret.writers.find(({ manager }) => manager === fieldManager);
  if (ours === undefined || ![...keys].every((key) => ours.keys.has(key)))
    return `unchanged/${secret.name}@${secret.resourceVersion}`;
  return `unchanged/${secret.name}@${ours.at}+${digest([...ours.keys].sort().join(","))}`;
}

/** All that `unchangedKey` may ask of it later: little, because the memory's room is scarce. */
export function unchangedKeys(secret: SyncedSecret): ReadonlySet<string> {
  return new Set([unchangedKey(secret, []), unchangedKey(secret, secret.data.keys())]);
}

/**
 * One restart of a workload: `Kind/name@` and a digest of its marker. What is remembered of a restart ends with it:
 * another instance may have restarted the workload since, and then what was seen before says nothing of its pods.
 */
export function restartKey(workload: string, marker: Marker): string {
  const versions = [...marker.entries].map(([object, { version }]) => `${object}=${version}`).sort();
  return `${workload}@${digest(`${versions.join(",")}#${marker.attempt}`)}`;
}

/**
 * Pods of this restart met other bytes of an object, through a class that was left alone then or a Secret that was
 * refused. It travels in messages, so it is short.
 */
export function metKey(restart: string, className: string, object: string): string {
  return `${restart}+${digest(`${className}/${object}`)}`;
}

/** The restart that a `restartKey` or a `metKey` is of. */
export function restartOf(noted: string): string {
  return noted.replace(/\+.*$/, "");
}

/** When this restart of the workload was set, our own write owned this key. */
export function ownedKey(restart: string, secret: string, key: string, version: string): string {
  return `owned/${restart}/${secret}/${key}@${version.slice(0, 8)}`;
}

/** Is it the `ownedKey` of some restart of this workload? */
export function isOwnedOf(name: string, workload: string): boolean {
  return name.startsWith(`owned/${workload}@`);
}

/** This chain has set the restart, or has seen its rollout on its way, and not yet complete. */
export function rollingKey(restart: string): string {
  return `rolling/${restart}`;
}

/** A look has found other bytes in a Secret that pods of this restart read: what follows is the youngest start of them. */
export function wrongPrefix(restart: string, secret: string): string {
  return `wrong/${digest(`${restart}/${secret}`)}/`;
}

/** It has been written right since: what follows is that start, and the time of the write. */
export function mendedPrefix(restart: string, secret: string): string {
  return `mended/${digest(`${restart}/${secret}`)}/`;
}

/** The look before knew this restart, which is young. */
export function seenKey(restart: string): string {
  return `seen/${restart}`;
}

/** A restart of the workload for this version is due. */
export function dueKey(workload: string, object: string, version: string): string {
  return `${duePrefix(workload)}${digest(`${object}@${version}`)}`;
}

/** All that is due of this workload begins so. */
export function duePrefix(workload: string): string {
  return `due/${digest(workload)}/`;
}

/** What is noted of single workloads, and may be lost: it must not take the room of what everything waits for. */
export function isNote(key: string): boolean {
  return ["due/", "wrong/", "mended/"].some((prefix) => key.startsWith(prefix));
}

/** How often this chain wrote this key for this version; as a time: it did so just before this look. */
export function wroteKey(secret: string, key: string, version: string): string {
  return `wrote/${secret}/${key}@${version}`;
}

/** Since when rollouts of the workload have been watched. */
export function watchedKey(workload: string): string {
  return `${watchedPrefix}${workload}`;
}

/** That alone: the rest of a memory is true of its own chain only. */
export function watchedOf({ firstSeen }: Memory): Memory {
  const watched = Object.entries(firstSeen).filter(([key]) => key.startsWith(watchedPrefix));
  return { ...emptyMemory, firstSeen: Object.fromEntries(watched) };
}

const watchedPrefix = "watched/";
