/** What a rendering asks of the vault. */

import type { ClassContent } from "../provider-class.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultObject } from "../vault-object.ts";
import { mountedVersions } from "./version-history.ts";
import type { VersionLists } from "./version-history.ts";

export interface NeededObject {
  readonly object: VaultObject;
  /** A version id, or undefined for the current one. */
  readonly pin: string | undefined;
}

/**
 * Each object once per pin. Nothing for a class that would be refused whatever the vault answers. Of an object with
 * version history nothing before its list is there.
 */
export function neededObjects(content: ClassContent, lists: VersionLists = new Map()): readonly NeededObject[] {
  if (!content.ok) return [];
  const needed = new Map<string, NeededObject>();
  for (const item of content.objects) {
    const mounted = mountedVersions(item, lists);
    if (!mounted.ok && mounted.problem === "ambiguous") return [];
    for (const { pin } of mounted.ok ? mounted.versions : []) {
      const key = fetchKey(item.object, pin);
      if (!needed.has(key)) needed.set(key, { object: item.object, pin });
    }
  }
  return [...needed.values()];
}

/** The objects whose versions must be listed first, each once. */
export function neededLists(content: ClassContent): readonly VaultObject[] {
  if (!content.ok) return [];
  const withHistory = content.objects.filter(({ history }) => history > 1);
  return [...new Map(withHistory.map(({ object }) => [objectKey(object), object])).values()];
}

/** The key under which an answer of the vault is looked up: `vault/type/name`, then `@` and the pin if there is one. */
export function fetchKey(object: VaultObject, pin: string | undefined): string {
  return pin === undefined ? objectKey(object) : `${objectKey(object)}@${pin}`;
}
