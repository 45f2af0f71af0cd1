/** `objectVersionHistory`: which versions of an object are mounted, and where. */

import type { ClassObject } from "../provider-class.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultProblem, VersionEntry, VersionListAnswer } from "../vault-object.ts";

/** What the vault lists, by `objectKey`. */
export type VersionLists = ReadonlyMap<string, VersionListAnswer>;

/** One file that a class asks for: one version of one object. */
export interface MountedVersion {
  readonly object: ClassObject;
  /** A version id, or undefined for the current one. */
  readonly pin: string | undefined;
  /** As pod statuses show it: with history `<type>/<name>/<index>`. */
  readonly id: string;
  readonly path: string;
}

export type MountedVersions =
  | { readonly ok: true; readonly versions: readonly MountedVersion[] }
  | { readonly ok: false; readonly problem: VaultProblem | "ambiguous" };

/** The versions that one item of `objects` mounts. A list that is not there counts as `unavailable`. */
export function mountedVersions(object: ClassObject, lists: VersionLists): MountedVersions {
  const { id, path, pin } = object;
  if (object.history <= 1) return { ok: true, versions: [{ object, pin, id, path }] };
  const list = lists.get(objectKey(object.object));
  if (list?.ok !== true) return { ok: false, problem: list?.problem ?? "unavailable" };
  const history = historyOf(list.versions, pin, object.history);
  if (history === "ambiguous") return { ok: false, problem: history };
  return {
    ok: true,
    versions: history.map((version, index) => ({
      object,
      pin: version,
      id: `${id}/${index}`,
      path: cleanPath(`${path}/${index}`),
    })),
  };
}

/**
 * The ids of the versions that the provider mounts, first index 0: enabled ones only, newest first, from version `from`
 * on (undefined or `latest` is the newest one), one more than `count` (getLatestNKeyVaultObjects of pkg/provider/provider.go,
 * v1.8.2, tests its limit too late). None if `from` is not among them.
 *
 * The provider sorts by whole seconds with Go's sort.Sort. Of versions of one second up to twelve keep the order of the
 * list; beyond, where that order decides what is mounted, the answer is `ambiguous`.
 */
export function historyOf(
  list: readonly VersionEntry[],
  from: string | undefined,
  count: number,
): readonly string[] | "ambiguous" {
  const sorted = list.filter(({ enabled }) => enabled).toSorted((a, b) => seconds(b) - seconds(a));
  const first = from === undefined || from === "latest" ? 0 : sorted.findIndex(({ version }) => version === from);
  if (first === -1) return [];
  const taken = sorted.slice(first, first + count + 1);
  const sharesSecond = (entry: VersionEntry): boolean =>
    sorted.some((other) => other !== entry && seconds(other) === seconds(entry));
  if (sorted.length > stableUpTo && taken.some((entry) => sharesSecond(entry))) return "ambiguous";
  return taken.map(({ version }) => version);
}

/** Up to this length sort.Sort inserts one by one (`maxInsertion` of Go's package sort), which keeps equals in order. */
const stableUpTo = 12;

/** The provider counts a version without a date as made in 1970. */
function seconds({ createdOn }: VersionEntry): number {
  return Math.floor((createdOn ?? 0) / 1000);
}

/** `filepath.Clean` of a path that is relative and without `..`. */
function cleanPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
