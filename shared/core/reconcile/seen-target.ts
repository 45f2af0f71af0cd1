/** Classes and vault answers in the few words that one pass of the timer compares with the next. */

import { createHash } from "node:crypto";
import type { VaultReading } from "../plan/plan-types.ts";
import type { TargetPolicy } from "../policy.ts";
import type { ProviderClass } from "../provider-class.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import type { ListedObject, VaultAnswer, VaultObject, VersionListAnswer } from "../vault-object.ts";
import { objectKey } from "../vault-object.ts";
import { datedStamp } from "./target-notes.ts";
import type { AbsenceStamp } from "./target-notes.ts";

/** The classes of a namespace as one word that changes with any of them. */
export function classesStamp(classes: readonly ProviderClass[]): string {
  const digest = createHash("sha256");
  for (const one of classes.map(stampOf).sort()) digest.update(`${one}\n`);
  return digest.digest("base64url");
}

/** An index keeps an object for as long as its class stays the same, so each is spelled once. */
const stamps = new WeakMap<ProviderClass, string>();

function stampOf(item: ProviderClass): string {
  const known = stamps.get(item);
  if (known !== undefined) return known;
  const stamp = createHash("sha256").update(JSON.stringify(item)).digest("base64url");
  stamps.set(item, stamp);
  return stamp;
}

/** The objects that the classes follow: unpinned, in vaults that may flow here. By `objectKey`. */
export function followedObjects(
  classes: readonly ProviderClass[],
  policy: Pick<TargetPolicy, "vaults">,
): ReadonlyMap<string, VaultObject> {
  const found = new Map<string, VaultObject>();
  for (const { provider, deleting, content } of classes) {
    if (provider !== "azure" || deleting || !content.ok || !policy.vaults.has(content.vault.toLowerCase())) continue;
    for (const { object, pin } of content.objects) if (pin === undefined) found.set(objectKey(object), object);
  }
  return found;
}

/** What a look read of the objects that are followed. Where the vault did not really answer, nothing is known. */
export function readStamps(
  objects: ReadonlyMap<string, VaultObject>,
  { answers, lists }: VaultReading,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, object] of objects) {
    const stamp = answerStamp(answers.get(fetchKey(object, undefined))) ?? historyStamp(object, lists.get(key));
    if (stamp !== undefined) found.set(key, stamp);
  }
  return found;
}

/** Of an object that is mounted with history every version is asked for by its id, so only the list tells the newest. */
function historyStamp(object: VaultObject, list: VersionListAnswer | undefined): string | undefined {
  if (list?.ok !== true) return undefined;
  const [first, ...others] = list.versions;
  const newest = others.reduce((a, b) => ((b.createdOn ?? 0) >= (a?.createdOn ?? 0) ? b : a), first);
  return listedStamp(object, newest);
}

export function answerStamp(answer: VaultAnswer | undefined): string | undefined {
  if (answer === undefined) return undefined;
  if (answer.ok) return datedStamp(answer.current.createdOn);
  const absent: Partial<Record<typeof answer.problem, AbsenceStamp>> = { disabled: "disabled", "not-found": "missing" };
  return absent[answer.problem];
}

/** The same word for the same state. A disabled key or certificate is given all the same, so only its date counts. */
export function listedStamp(object: VaultObject, entry: ListedObject | undefined): string {
  if (entry === undefined) return "missing" satisfies AbsenceStamp;
  if (object.type === "secret" && !entry.enabled) return "disabled" satisfies AbsenceStamp;
  return datedStamp(entry.createdOn);
}
