/** Which objects a workload depends on, through which classes it mounts them, and which keys of them it got at its start. */

import type { WorkloadPods } from "../dependents.ts";
import type { ReadKey } from "../freshness.ts";
import type { RestartPolicy } from "../policy.ts";
import { originOf } from "./late-secret.ts";
import { mountersAt } from "./look.ts";
import type { ActiveClass, Look, WantedObject } from "./look.ts";
import { pinMayHaveMoved, startedBeforePin, wroteKeyOf } from "./pins.ts";
import { turnedKey } from "./turned-keys.ts";
import type { Turned } from "./turned-keys.ts";
import type { Wanted } from "./wanted.ts";

/** An object that a workload depends on, before anything is judged. */
export interface RawUse {
  readonly wanted: Wanted;
  readonly mountedBy: { readonly owner: ActiveClass; readonly object: WantedObject }[];
  readonly classes: Set<string>;
  readonly keys: ReadKey[];
  /** A Secret that its keys came from is not there now. */
  gone: boolean;
  /** When a class that pins it was last changed; 0 where none does. */
  pinnedAt: number;
  /** The workload reads its files again by itself (`restart: never`). */
  readonly reloads: boolean;
  /** A pin of it may have been moved since pods of the workload started, and nothing can prove which they got. */
  movedPin: boolean;
  /** A class may have fed one of its keys with another object, or another pin, when pods of the workload started. */
  turned: Turned | undefined;
}

/** By object, over all its classes. */
export function gatherUses(
  item: WorkloadPods,
  classes: readonly ActiveClass[],
  restart: RestartPolicy,
  look: Look,
): ReadonlyMap<string, RawUse> {
  const uses = new Map<string, RawUse>();
  const useOf = (wanted: Wanted, name: string = wanted.key): RawUse => {
    const use = uses.get(name) ?? {
      wanted,
      mountedBy: [],
      classes: new Set<string>(),
      keys: [],
      gone: false,
      pinnedAt: 0,
      reloads: restart === "never",
      movedPin: false,
      turned: undefined,
    };
    uses.set(name, use);
    return use;
  };
  const current = new Map(
    dependencies(item, classes).flatMap((wanted) =>
      wanted.pinned ? [] : [[wanted.key, wanted.current.version] as const],
    ),
  );
  for (const owner of classes) {
    if (item.mounts.has(owner.item.name)) {
      for (const object of owner.objects) {
        // A pinned object triggers nothing; a new one is mounted by its owner's own rollout.
        if (object.wanted.pinned || object.unmounted) continue;
        const use = useOf(object.wanted);
        use.mountedBy.push({ owner, object });
        use.classes.add(owner.item.name);
      }
    }
    for (const secret of owner.secrets) {
      if (secret.state.kind === "refused") continue;
      const read = item.reads.filter(
        (entry) => entry.secret === secret.name && (entry.by !== "volume" || restart === "always"),
      );
      for (const [key, wanted] of secret.sources) {
        const source = { owner, secret, key, wanted };
        const readers = read.filter((entry) => entry.key === undefined || entry.key === key);
        // One version of an object a workload: the one that follows the vault, not one that another class pins.
        const other = wanted.pinned && (current.get(wanted.key) ?? wanted.current.version) !== wanted.current.version;
        if (
          (wanted.pinned && !wroteKeyOf(secret, key) && !pinMayHaveMoved(source, item.pods, look)) ||
          !secret.data.has(key) ||
          readers.length === 0
        )
          continue;
        if (other && !startedBeforePin(source, item.pods, look)) continue;
        const use = other ? useOf(wanted, `${wanted.key}@${wanted.current.version}`) : useOf(wanted);
        use.classes.add(owner.item.name);
        if (other) use.movedPin = true;
        if (wanted.pinned) use.pinnedAt = Math.max(use.pinnedAt, owner.item.changedAt);
        if (wanted.pinned && !wroteKeyOf(secret, key)) use.movedPin = true;
        const named = readers.some((entry) => entry.key !== undefined && !entry.optional);
        const turned = turnedKey(source, named, item, look);
        if (use.turned !== "old") use.turned = turned ?? use.turned;
        if (secret.state.kind === "missing") use.gone = true;
        else
          use.keys.push({
            secret: secret.state.secret,
            key,
            classChangedAt: owner.item.changedAt,
            mounted: item.mounts.has(owner.item.name),
            ...mountersAt(owner, wanted, look),
            ...originOf(secret.state.secret, owner, wanted, item, look),
          });
      }
    }
  }
  return uses;
}

/** Every object of these classes that a workload mounts or that feeds a key it reads. */
export function dependencies(item: WorkloadPods, classes: readonly ActiveClass[]): readonly Wanted[] {
  return classes.flatMap((owner) => [
    ...(item.mounts.has(owner.item.name) ? owner.objects.map(({ wanted }) => wanted) : []),
    ...owner.secrets.flatMap(({ name, sources }) => {
      const read = item.reads.filter((entry) => entry.secret === name);
      return [...sources].flatMap(([key, wanted]) =>
        read.some((entry) => entry.key === undefined || entry.key === key) ? [wanted] : [],
      );
    }),
  ]);
}
