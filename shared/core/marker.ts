/**
 * The marker: the pod-template annotation that says for which versions the pods are started.
 *
 * `contoso/secret/color=0a1b…@1767225600,contoso/secret/db=…@…,keys=… #2`: one entry an object, sorted; which of them fed
 * which key of a Secret that the pods got at their start; the number behind `#` counts restarts for the same versions. Derived from versions and never from the clock, so writing it twice is
 * the same template and restarts nothing.
 */

import { digest } from "./digest.ts";
import type { Workload } from "./observed.ts";
import { objectKey } from "./vault-object.ts";
import type { VaultObject } from "./vault-object.ts";

export const markerAnnotation = "rotation-bridge/versions";
/** On a pod status: at which the driver looks at its pod again. */
export const touchAnnotation = "rotation-bridge/touched-at";
/** On a class or a workload: the bridge keeps its hands off. */
export const ignoreAnnotation = "rotation-bridge/ignore";
export const fieldManager = "rotation-bridge";
/** The Secrets Store CSI driver's, in all versions (measured). */
export const driverManager = "csi-secrets-store";

export interface MarkerEntry {
  readonly version: string;
  /** Milliseconds since 1970; 0 where the vault gave no date. */
  readonly createdOn: number;
}

export interface Marker {
  readonly entries: ReadonlyMap<string, MarkerEntry>;
  /**
   * Digest of `secret/key` -> digest of the object that fed it, with its version where that was pinned and the entry is
   * for another one. Absent: it does not say.
   */
  readonly fed?: ReadonlyMap<string, string>;
  /** 1 for the first restart for these versions. */
  readonly attempt: number;
}

/**
 * Which object fed the key when the pods were restarted: this one (in the version that the marker names of it, or in this
 * one), another one, or does the marker not tell?
 */
export function fedThen(
  marker: Marker,
  secret: string,
  key: string,
  object: string,
  version?: string,
): "same" | "other" | undefined {
  const fed = marker.fed?.get(digest(`${secret}/${key}`));
  if (fed === undefined) return undefined;
  const names = [fedEntry(secret, key, object), fedEntry(secret, key, object, version)].map(([, name]) => name);
  return names.includes(fed) ? "same" : "other";
}

/** For `Marker.fed`. `version`: of a pin, where the marker names another one of the object. */
export function fedEntry(secret: string, key: string, object: string, version?: string): readonly [string, string] {
  return [digest(`${secret}/${key}`), digest(version === undefined ? object : `${object}@${version}`)];
}

export const noMarker: Marker = { entries: new Map(), attempt: 1 };

/** Reads the annotation. Whoever may edit a workload may write nonsense there: what does not parse is dropped. */
export function parseMarker(text: string | undefined): Marker {
  if (text === undefined) return noMarker;
  const [list = "", attemptText] = text.split("#");
  const entries = new Map<string, MarkerEntry>();
  for (const item of list.split(",")) {
    const match = /^([a-z0-9-]{1,127}\/(?:secret|cert|key)\/[a-z0-9-]{1,127})=([^@=,#\s]{1,127})@(\d{1,12})$/.exec(
      item.trim(),
    );
    const [, key, version, seconds] = match ?? [];
    if (key !== undefined && version !== undefined && seconds !== undefined) {
      entries.set(key, { version, createdOn: Number(seconds) * 1000 });
    }
  }
  const attempt = Number(attemptText ?? "1");
  return {
    entries,
    fed: fedIn(list),
    attempt: Number.isInteger(attempt) && attempt >= 1 && attempt <= 9 ? attempt : 1,
  };
}

function fedIn(list: string): ReadonlyMap<string, string> {
  const text = /(?:^|,)\s*keys=([^,]*)/.exec(list)?.[1] ?? "";
  return new Map(
    [...text.matchAll(/([0-9a-z]{1,7}):([0-9a-z]{1,7})/g)].map(
      ([, place = "", object = ""]) => [place, object] as const,
    ),
  );
}

/**
 * The marker of a workload, if it is the bridge's own: one that came with a copied manifest proves nothing. Whose it is
 * the API server says, in managedFields.
 */
export function ownMarker(workload: Pick<Workload, "marker" | "restartedByUsAt">): Marker {
  return workload.restartedByUsAt === undefined ? noMarker : parseMarker(workload.marker);
}

export function formatMarker(marker: Marker): string {
  const list = [...marker.entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${key}=${entry.version}@${Math.floor(entry.createdOn / 1000)}`);
  const fed = [...(marker.fed ?? [])].map((pair) => pair.join(":")).sort();
  const text = [...list, ...(fed.length === 0 ? [] : [`keys=${fed.join(".")}`])].join(",");
  return marker.attempt > 1 ? `${text} #${marker.attempt}` : text;
}

export function entryOf(marker: Marker, object: VaultObject): MarkerEntry | undefined {
  return marker.entries.get(objectKey(object));
}

/** Same versions and same attempt, whatever the order of the text. */
export function sameMarker(a: Marker, b: Marker): boolean {
  return a.attempt === b.attempt && sameVersions(a, b);
}

export function sameVersions(a: Marker, b: Marker): boolean {
  if (a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, entry]) => b.entries.get(key)?.version === entry.version);
}
