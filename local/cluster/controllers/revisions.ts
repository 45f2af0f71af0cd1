/** ControllerRevisions: the history of a StatefulSet's or DaemonSet's pod template. */

import { equal, numberAt, objectAt, textAt, withAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { controlled, controlledBy, hashOf, nameOf, namespaceOf, newObject } from "../objects.ts";
import type { Store } from "../store.ts";

const manager = { fieldManager: "kube-controller-manager" };

/** The revision of the owner's present template: found again (and made the newest), or new. */
export function currentRevision(store: Store, owner: JsonObject): JsonObject {
  const data = { spec: { template: { ...objectAt(owner, "spec", "template"), $patch: "replace" } } };
  const all = revisionsOf(store, owner);
  const highest = numberAt(all.at(-1), "revision") ?? 0;
  const known = all.find((revision) => equal(revision["data"], data));
  if (known !== undefined) {
    if (known === all.at(-1)) return known;
    return store.mergePatch(
      "ControllerRevision",
      namespaceOf(known),
      nameOf(known),
      { revision: highest + 1 },
      manager,
    );
  }
  let salt = 0;
  while (all.some((revision) => nameOf(revision) === `${nameOf(owner)}-${hashOf(data, salt)}`)) salt += 1;
  const hash = hashOf(data, salt);
  return store.create(
    "ControllerRevision",
    newObject("ControllerRevision", namespaceOf(owner), `${nameOf(owner)}-${hash}`, {
      metadata: {
        labels: { ...objectAt(owner, "spec", "selector", "matchLabels"), "controller-revision-hash": hash },
        ownerReferences: [controlledBy(owner)],
      },
      data,
      revision: highest + 1,
    }),
    manager,
  );
}

/** Oldest first. */
export function revisionsOf(store: Store, owner: JsonObject): readonly JsonObject[] {
  return controlled(store, "ControllerRevision", owner).toSorted(
    (a, b) => (numberAt(a, "revision") ?? 0) - (numberAt(b, "revision") ?? 0),
  );
}

/** The pod template that a revision keeps. */
export function templateOf(revision: JsonObject): JsonObject {
  return withAt(objectAt(revision, "data", "spec", "template"), ["$patch"], undefined);
}

export function revisionLabel(pod: JsonObject): string {
  return textAt(pod, "metadata", "labels", "controller-revision-hash");
}

/** Deletes the oldest revisions beyond the limit that no name in `used` needs. */
export function cleanRevisions(store: Store, owner: JsonObject, used: ReadonlySet<string>): void {
  const limit = numberAt(owner, "spec", "revisionHistoryLimit") ?? 10;
  const unused = revisionsOf(store, owner).filter((revision) => !used.has(nameOf(revision)));
  for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
    store.delete("ControllerRevision", namespaceOf(revision), nameOf(revision));
  }
}
