/** Which version is current, from the vault's list of properties alone: for who may list a vault and not read its values. */

import type { VersionEntry, VersionListAnswer } from "../vault-object.ts";

/** Undefined where the list does not tell: two newest of one second, or a newest that is disabled. */
export function listedVersion(list: VersionListAnswer | undefined): VersionEntry | undefined {
  if (list?.ok !== true) return undefined;
  const [newest, next] = list.versions.toSorted((one, other) => (other.createdOn ?? 0) - (one.createdOn ?? 0));
  if (newest === undefined || !newest.enabled || newest.createdOn === undefined) return undefined;
  return next?.createdOn === newest.createdOn ? undefined : newest;
}
