/** What a rendering asks of the vault. */

import type { ClassContent } from "../provider-class.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultObject } from "../vault-object.ts";
import { unsupportedObject } from "./file-content.ts";

export interface NeededObject {
  readonly object: VaultObject;
  /** A version id, or undefined for the current one. */
  readonly pin: string | undefined;
}

/** Each object once per pin. Nothing for a class that would be refused whatever the vault answers. */
export function neededObjects(content: ClassContent): readonly NeededObject[] {
  if (!content.ok || content.objects.some((object) => unsupportedObject(object) !== undefined)) return [];
  const needed = new Map<string, NeededObject>();
  for (const { object, pin } of content.objects) {
    const key = fetchKey(object, pin);
    if (!needed.has(key)) needed.set(key, { object, pin });
  }
  return [...needed.values()];
}

/** The key under which an answer of the vault is looked up: `vault/type/name`, then `@` and the pin if there is one. */
export function fetchKey(object: VaultObject, pin: string | undefined): string {
  return pin === undefined ? objectKey(object) : `${objectKey(object)}@${pin}`;
}
