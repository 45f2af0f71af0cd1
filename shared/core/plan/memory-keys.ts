/** The keys under which a chain's memory keeps what more than one rule asks for. */

import type { ActiveSecret } from "./look.ts";

/** Since when the Secret has held the bytes of the versions wanted now. */
export function rightKey(secret: Pick<ActiveSecret, "name" | "sources">): string {
  const versions = [...secret.sources.values()].map((wanted) => wanted.current.version.slice(0, 8)).sort();
  return `right/${secret.name}@${[...new Set(versions)].slice(0, 20).join("+")}`;
}

/** When this restart of the workload was set, our own write owned this key. */
export function ownedKey(
  marker: { readonly workload: string; readonly attempt: number },
  secret: string,
  key: string,
  version: string,
): string {
  return `owned/${marker.workload}#${marker.attempt}/${secret}/${key}@${version.slice(0, 8)}`;
}

/** How often we wrote this key for this version. */
export function wroteKey(secret: string, key: string, version: string): string {
  return `wrote/${secret}/${key}@${version}`;
}
