/** The part of the driver's contract that is about workloads that don't simply replace one pod after the other. */

import assert from "node:assert/strict";
import type { RolloutStatus } from "../../shared/core/observed.ts";
import { found, liveStarts, restart, running, until, write } from "./driver-checks.ts";
import type { AppSpec } from "./driver-checks.ts";
import type { DriverCase } from "./driver-subject.ts";

type Counts = Pick<RolloutStatus, "total" | "updated" | "ready" | "available">;

interface Strategy {
  readonly what: string;
  readonly spec: AppSpec;
  /** Mounts fail from the restart on. */
  readonly stuck?: boolean;
  readonly counts: Counts;
  /** The StatefulSet says that not all its pods are of the newest revision. */
  readonly behind?: boolean;
  /** Values that the pods run with in the end. */
  readonly values: readonly string[];
}

const strategies: readonly Strategy[] = [
  {
    what: "a paused Deployment takes the marker and replaces no pod",
    spec: { spec: { paused: true } },
    counts: { total: 2, updated: 0, ready: 2, available: 2 },
    values: ["blue", "blue"],
  },
  {
    what: "a Deployment with Recreate ends all pods first",
    spec: { spec: { strategy: { type: "Recreate" } } },
    stuck: true,
    counts: { total: 2, updated: 2, ready: 0, available: 0 },
    values: [],
  },
  {
    what: "a StatefulSet with OnDelete replaces no pod",
    spec: { kind: "StatefulSet", spec: { updateStrategy: { type: "OnDelete" } } },
    counts: { total: 2, updated: 0, ready: 2, available: 2 },
    behind: true,
    values: ["blue", "blue"],
  },
  {
    what: "a StatefulSet with a partition replaces the pods from there on",
    spec: {
      kind: "StatefulSet",
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    },
    counts: { total: 2, updated: 1, ready: 2, available: 2 },
    behind: true,
    values: ["blue", "green"],
  },
  {
    what: "a DaemonSet with OnDelete replaces no pod",
    spec: { kind: "DaemonSet", spec: { updateStrategy: { type: "OnDelete" } } },
    counts: { total: 2, updated: 0, ready: 2, available: 2 },
    values: ["blue", "blue"],
  },
];

export function strategyCases(given: DriverCase): void {
  for (const { what, spec, stuck = false, counts, behind = false, values } of strategies) {
    given(what, async (subject) => {
      const { vault, namespace, held } = subject;
      vault.set("color", "blue");
      const paused = spec.spec?.["paused"] === true;
      const ref = await running(subject, paused ? {} : spec);
      if (paused) await held.patch(ref.kind, namespace, ref.name, { spec: { paused } }, "kubectl");
      vault.set("color", "green");
      // As the bridge does, so that no driver decides what new pods read.
      await write(subject, { color: "green" });
      if (stuck) vault.disable("color");
      await restart(subject, ref, "m");
      await until(subject, `the counts ${JSON.stringify(counts)}`, async () => {
        const { observedGeneration, generation, rollout } = await found(subject, ref);
        const { total, updated, ready, available } = rollout;
        const now = { total, updated, ready, available };
        assert.deepEqual([observedGeneration, now], [generation, counts]);
        return true;
      });
      await subject.pass(2000);
      const { rollout, marker } = await found(subject, ref);
      const { total, updated, ready, available, currentRevision, updateRevision } = rollout;
      assert.deepEqual({ total, updated, ready, available }, counts);
      assert.equal(marker, "m");
      if (ref.kind === "StatefulSet") assert.equal(currentRevision !== updateRevision, behind);
      assert.deepEqual((await liveStarts(subject)).map(({ env }) => env["C"] ?? "").sort(), values);
    });
  }

  given("the Secret goes with the workload whose pods made it, and so do pods and statuses", async (subject) => {
    const { vault, namespace, held } = subject;
    vault.set("color", "blue");
    const ref = await running(subject);
    await held.delete(ref.kind, namespace, ref.name);
    await until(subject, "the end of all that is left", async () => {
      const secret = await held.find("Secret", namespace, "app");
      const pods = await subject.cluster.pods(namespace);
      const statuses = await subject.cluster.podStatuses(namespace);
      return secret === undefined && pods.length === 0 && statuses.length === 0;
    });
  });
}
