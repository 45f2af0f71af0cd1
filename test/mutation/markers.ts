/** Markers that are misread or miswritten. */

import type { Mutation } from "./mutation.ts";

export const markers: readonly Mutation[] = [
  {
    name: "marker-compared-as-text",
    harm: "once a class gains or loses an object: `start-unknown`, or another restart",
    file: "shared/core/plan/workload-state.ts",
    find: `
  const marker = ownMarker(item.workload);
  const classes = activeClassesOf(look, item);`,
    replace: `
  const classes = activeClassesOf(look, item);
  const own = ownMarker(item.workload);
  const list = [...gatherUses(item, classes, restart).values()].map(
    ({ wanted }) => \`\${wanted.key}=\${wanted.current.version}@\${Math.floor(wanted.createdOn / 1000)}\`,
  );
  const text = list.sort().join(",") + (own.attempt > 1 ? \` #\${own.attempt}\` : "");
  const marker = item.workload.marker === text ? own : { entries: new Map(), attempt: own.attempt };`,
    likely: ["test/scenarios/b-marker-entries.test.ts"],
  },
  {
    name: "marker-forgets-refused",
    harm: "once a refused class is mended, its objects are judged anew",
    file: "shared/core/plan/wanted-marker.ts",
    find: "if (!readable) for (const",
    replace: "if (false) for (const",
    likely: ["test/scenarios/b-marker-entries.test.ts"],
  },
  {
    name: "marker-blind-to-pins",
    harm: "a pin moves to the version that another class follows, and pods with the older one count as started for it",
    file: "shared/core/plan/wanted-marker.ts",
    find: "wanted.pinned && isLeftOut(wanted, entries) ? wanted.current.version : undefined",
    replace: "undefined",
    likely: ["test/core/plan/beside-a-pin.test.ts"],
  },
  {
    name: "own-restart-by-its-marker",
    harm: "a workload whose marker can name nothing is restarted again while its pods are on their way",
    file: "shared/core/plan/own-rollout.ts",
    find: "if (state.item.workload.restartedByUsAt === undefined) return undefined;",
    replace: "if (state.marker.entries.size === 0) return undefined;",
    likely: ["test/core/plan/new-objects.test.ts"],
  },
  {
    name: "marker-no-evidence",
    harm: "a replica that lags brings an older version back over a newer one",
    file: "shared/core/plan/wanted.ts",
    find: "for (const [key, entry] of ownMarker(item.workload).entries) add(mounted, key, entry.version);",
    replace: "",
    likely: ["test/scenarios/b-marker-entries.test.ts", "test/scenarios/b-workload-states.test.ts"],
  },
  {
    name: "rolled-back-ignored",
    harm: "it fights the person who runs `kubectl rollout undo` on a bad value",
    file: "shared/core/plan/obstacles.ts",
    find: "if (!undone) return undefined;",
    replace: "return undefined;",
    likely: ["test/scenarios/b-crashing-value.test.ts"],
  },
];
