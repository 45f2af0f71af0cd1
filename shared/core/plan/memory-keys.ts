/** The keys under which a chain's memory keeps what more than one rule asks for. */

import { digest } from "../digest.ts";
import type { Marker } from "../marker.ts";
import type { ActiveSecret } from "./look.ts";

/** Since when the Secret has held the bytes of the versions wanted now. */
export function rightKey(secret: Pick<ActiveSecret, "name" | "sources">): string {
  const versions = [...secret.sources.values()].map((wanted) => wanted.current.version.slice(0, 8)).sort();
  return `right/${secret.name}@${[...new Set(versions)].slice(0, 20).join("+")}`;
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

/** How often we wrote this key for this version. */
export function wroteKey(secret: string, key: string, version: string): string {
  return `wrote/${secret}/${key}@${version}`;
}
