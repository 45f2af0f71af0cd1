/** Boundaries that do not hold: of the vault's word, of the map, of what a person allowed. */

import type { Mutation } from "./mutation.ts";

export const boundaries: readonly Mutation[] = [
  {
    name: "stale-answers-believed",
    harm: "a replica that lags brings an older version back over a newer one",
    file: "shared/core/plan/holds.ts",
    find: "if (standing.stale) {",
    replace: "if (false) {",
    likely: ["test/scenarios/b-order-law.test.ts"],
  },
  {
    name: "unknown-versions-not-awaited",
    harm: "the target ends as `converged` with the old value, because the replica did not have the version yet",
    file: "shared/core/plan/holds.ts",
    find: "if (unknownFor < look.timeouts.vaultStaleMs) {",
    replace: "if (false) {",
    likely: ["test/scenarios/b-other-reasons.test.ts"],
  },
  {
    name: "unexplained-bytes-replaced",
    harm: "a newer version that the driver wrote for a pod which is gone is replaced by a lagging replica's older one",
    file: "shared/core/plan/holds.ts",
    find: " || isUnexplained(object, owner, look)",
    replace: "",
    likely: ["test/core/plan/unexplained.test.ts"],
  },
  {
    name: "flow-boundary-off",
    harm: "a class of a test cluster gets production's secrets",
    file: "shared/core/rotation-map.ts",
    find: "map.vaults.filter((vault) => flowsTo(vault, target)).map((vault) => vault.name)",
    replace: "map.vaults.map((vault) => vault.name)",
    likely: ["test/core/rotation-map/reach.test.ts", "test/scenarios/b-boundaries.test.ts"],
  },
  {
    name: "never-mounted-is-written",
    harm: "a class that its own identity could not mount is served by ours",
    file: "shared/core/plan/decide-secret.ts",
    find: "if (strange.length > 0) return",
    replace: "if (strange.length < 0) return",
    likely: ["test/scenarios/b-boundaries.test.ts", "test/scenarios/b-left-behind.test.ts"],
  },
  {
    name: "observe-writes",
    harm: "a first try restarts production",
    file: "shared/core/plan/conclude.ts",
    find: "steps: stop === undefined ? done : [],",
    replace: 'steps: stop?.reason === "writes-stopped" ? [] : done,',
    likely: ["test/scenarios/b-installing.test.ts"],
  },
  {
    name: "acts-without-cage",
    harm: "whoever steals the identity may run any image in the cluster",
    file: "shared/core/plan/conclude.ts",
    find: "if (!policy.needsCage || observed.cage?.stands === true) return undefined;",
    replace: 'if (policy.mode === "act") return undefined;',
    likely: ["test/scenarios/b-cage.test.ts"],
  },
  {
    name: "later-undo-fought",
    harm: "pods crash again and again although a person undid the restart",
    file: "shared/core/plan/obstacles.ts",
    find: "changedAt !== undefined && changedAt < askedAt;",
    replace: "changedAt !== undefined && askedAt > 0;",
    likely: ["test/scenarios/b-by-hand.test.ts"],
  },
  {
    name: "missing-object-passed",
    harm: "the new pods of a workload that mounts such a class hang in ContainerCreating",
    file: "shared/core/plan/refusals.ts",
    find: "return refuse(found.reason, details, certain || !waived);",
    replace: "return refuse(found.reason, details, false);",
    likely: ["test/scenarios/b-vault-faults.test.ts"],
  },
  {
    name: "value-in-log",
    harm: "secrets in the log, for all who may read logs",
    file: "shared/narrator.ts",
    find: 'this.#log.info("step", { target: this.#target, step: describe(step), because });',
    // Opened by another spelling, so that the rule which looks for `.reveal()` in the sources does not find it.
    replace: `
    const wrote = step.kind === "write" ? [...step.data.values()].map((one) => String(Buffer.from(one["reveal"]()))) : [];
    this.#log.info("step", { target: this.#target, step: describe(step), because, wrote });`,
    likely: ["test/scenarios/b-values-said.test.ts"],
  },
];
