/**
 * What the vault says now of everything that the classes in scope mount. Only vaults that the map lets flow here are
 * asked. The vault gives one object at a time and knows no snapshots: a class with several objects is read until two
 * readings, one begun after the other had ended, name the same versions; between them all of these were current at once.
 */

import { classesInScope, findDependents } from "./core/dependents.ts";
import type { Scope } from "./core/message.ts";
import type { Observed } from "./core/observed.ts";
import type { VaultReading } from "./core/plan/plan-types.ts";
import type { TargetPolicy } from "./core/policy.ts";
import type { ClassContent } from "./core/provider-class.ts";
import { fetchKey, neededLists, neededObjects } from "./core/rendering/needed-objects.ts";
import type { NeededObject } from "./core/rendering/needed-objects.ts";
import type { VaultAnswer, VersionListAnswer } from "./core/vault-object.ts";
import { objectKey } from "./core/vault-object.ts";
import type { Vault } from "./ports.ts";

const mostReadings = 4;

/** `before`: an earlier reading of the same run. Where it says the same, no second reading is needed. */
export async function gatherVault(
  vault: Vault,
  observed: Observed,
  scope: Scope,
  policy: TargetPolicy,
  before: VaultReading | undefined,
): Promise<VaultReading> {
  const contents = readable(observed, scope, policy);
  let last = before;
  let reading = await readOnce(vault, contents);
  for (let readings = 1; ; readings += 1) {
    const moving = contents.filter((content) => !isSettled(content, last, reading));
    if (moving.length === 0) return reading;
    if (readings >= mostReadings) return without(moving, reading);
    last = reading;
    // One object is always of one moment, so a class with no other needs no second reading.
    const [single, several] = bySize(contents, reading);
    const again = await readOnce(vault, several);
    const kept = single.flatMap((content) => neededObjects(content, reading.lists)).map(keyOf);
    const answers = [...reading.answers].filter(([key]) => kept.includes(key));
    reading = { answers: new Map([...answers, ...again.answers]), lists: again.lists };
  }
}

/** Classes whose rendering rests on one object as it is now, and the others. */
function bySize(contents: readonly ClassContent[], reading: VaultReading) {
  const isSingle = (content: ClassContent) =>
    neededLists(content).length === 0 && neededObjects(content, reading.lists).length <= 1;
  return [contents.filter(isSingle), contents.filter((content) => !isSingle(content))] as const;
}

function readable(observed: Observed, scope: Scope, policy: TargetPolicy): readonly ClassContent[] {
  const found = findDependents(observed, policy);
  return [...classesInScope(found, scope, policy)].flatMap((name) => {
    const item = found.classes.get(name);
    if (item === undefined || item.provider !== "azure" || !item.content.ok) return [];
    return policy.vaults.has(item.content.vault.toLowerCase()) ? [item.content] : [];
  });
}

async function readOnce(vault: Vault, contents: readonly ClassContent[]): Promise<VaultReading> {
  const listed = new Map(contents.flatMap(neededLists).map((object) => [objectKey(object), object]));
  const lists = new Map<string, VersionListAnswer>(
    await Promise.all([...listed].map(async ([key, object]) => [key, await vault.versions(object)] as const)),
  );
  const wanted = new Map(
    contents.flatMap((content) =>
      neededObjects(content, lists).map((needed) => [fetchKey(needed.object, needed.pin), needed] as const),
    ),
  );
  const answers = new Map<string, VaultAnswer>(
    await Promise.all(
      [...wanted].map(async ([key, { object, pin }]) => [key, await vault.current(object, pin)] as const),
    ),
  );
  return { answers, lists };
}

/** One object is always of one moment; a vault that is out of reach is not asked again and again. */
function isSettled(content: ClassContent, last: VaultReading | undefined, reading: VaultReading): boolean {
  const now = partsOf(content, reading);
  if (now.length < 2 || now.some(({ says }) => says === "unavailable" || says === "throttled")) return true;
  if (last === undefined) return false;
  const then = new Map(partsOf(content, last).map(({ key, says }) => [key, says]));
  return then.size === now.length && now.every(({ key, says }) => then.get(key) === says);
}

/** Every answer that a rendering of the class rests on, in a word. */
function partsOf(content: ClassContent, { answers, lists }: VaultReading) {
  const listed = neededLists(content).map((object) => {
    const key = objectKey(object);
    const answer = lists.get(key);
    const says = answer?.ok === true ? answer.versions.map(spelled).join() : answer?.problem;
    return { key: `list ${key}`, says };
  });
  const given = neededObjects(content, lists).map(({ object, pin }) => {
    const key = keyOf({ object, pin });
    const answer = answers.get(key);
    return { key, says: answer?.ok === true ? `=${answer.current.version}` : answer?.problem };
  });
  return [...listed, ...given];
}

function keyOf({ object, pin }: NeededObject): string {
  return fetchKey(object, pin);
}

function spelled({ version, enabled }: { readonly version: string; readonly enabled: boolean }): string {
  return `${version}${enabled ? "+" : "-"}`;
}

/** The vault changes faster than it can be read: nothing may be rendered of these classes at this look. */
function without(contents: readonly ClassContent[], reading: VaultReading): VaultReading {
  const answers = new Map(reading.answers);
  for (const content of contents) {
    for (const { object, pin } of neededObjects(content, reading.lists)) {
      answers.set(fetchKey(object, pin), { ok: false, problem: "unavailable" });
    }
  }
  return { ...reading, answers };
}
