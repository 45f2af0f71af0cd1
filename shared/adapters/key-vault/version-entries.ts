/** The pages of an SDK's list of versions, in their order. */

import type { VersionEntry } from "../../core/vault-object.ts";

/** What the three SDKs say of a version in a list. */
interface ListedVersion {
  readonly version?: string | undefined;
  readonly createdOn?: Date | undefined;
  readonly enabled?: boolean | undefined;
}

/** A version that is not said to be disabled counts as enabled, as in the provider. */
export async function versionEntries(pages: AsyncIterable<ListedVersion>): Promise<readonly VersionEntry[]> {
  const entries: VersionEntry[] = [];
  for await (const { version, createdOn, enabled } of pages) {
    if (version !== undefined) entries.push({ version, createdOn: createdOn?.getTime(), enabled: enabled !== false });
  }
  return entries;
}
