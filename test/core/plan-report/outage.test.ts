/** Which strategies leave moments without a ready pod. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkload } from "../../../shared/core/kubernetes/parse-workload.ts";
import type { WorkloadKind } from "../../../shared/core/observed.ts";
import { outageOf } from "../../../shared/core/plan-report/outage.ts";

interface Row {
  readonly what: string;
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  /** `strategy` of a Deployment, `updateStrategy` of the others. */
  readonly strategy?: object;
  readonly outage: "recreate" | "only-pod" | "all-at-once" | "each-node" | undefined;
}

const rolling = (limits: object) => ({ type: "RollingUpdate", rollingUpdate: limits });

const rows: readonly Row[] = [
  { what: "one replica with the defaults: the new pod comes first", replicas: 1, outage: undefined },
  { what: "Recreate, however many", replicas: 5, strategy: { type: "Recreate" }, outage: "recreate" },
  { what: "one replica, maxUnavailable 1", replicas: 1, strategy: rolling({ maxUnavailable: 1 }), outage: "only-pod" },
  {
    what: "one replica, maxUnavailable 99%, rounded down",
    replicas: 1,
    strategy: rolling({ maxUnavailable: "99%" }),
    outage: undefined,
  },
  {
    what: "one replica, maxUnavailable 100%",
    replicas: 1,
    strategy: rolling({ maxUnavailable: "100%" }),
    outage: "only-pod",
  },
  {
    what: "both limits 0, which Kubernetes reads as 1 missing",
    replicas: 1,
    strategy: rolling({ maxUnavailable: 0, maxSurge: 0 }),
    outage: "only-pod",
  },
  {
    what: "both limits 0%",
    replicas: 1,
    strategy: rolling({ maxUnavailable: "0%", maxSurge: "0%" }),
    outage: "only-pod",
  },
  {
    what: "maxSurge 1%, rounded up",
    replicas: 1,
    strategy: rolling({ maxUnavailable: 0, maxSurge: "1%" }),
    outage: undefined,
  },
  {
    what: "all of several may be missing",
    replicas: 3,
    strategy: rolling({ maxUnavailable: 3 }),
    outage: "all-at-once",
  },
  { what: "some of several may be missing", replicas: 3, strategy: rolling({ maxUnavailable: 2 }), outage: undefined },
  { what: "no pods at all", replicas: 0, strategy: { type: "Recreate" }, outage: undefined },
  { what: "a StatefulSet of one", kind: "StatefulSet", replicas: 1, outage: "only-pod" },
  { what: "a StatefulSet of three", kind: "StatefulSet", replicas: 3, outage: undefined },
  {
    what: "OnDelete is restarted by nobody",
    kind: "StatefulSet",
    replicas: 1,
    strategy: { type: "OnDelete" },
    outage: undefined,
  },
  { what: "a DaemonSet", kind: "DaemonSet", outage: "each-node" },
  {
    what: "a DaemonSet that starts the new pod first",
    kind: "DaemonSet",
    strategy: rolling({ maxSurge: 1, maxUnavailable: 0 }),
    outage: undefined,
  },
];

for (const { what, kind = "Deployment", replicas, strategy, outage } of rows) {
  test(`${kind}: ${what}: ${outage ?? "no outage"}`, () => {
    const workload = parseWorkload(kind, {
      metadata: { name: "app", namespace: "shop", uid: "u", resourceVersion: "1" },
      spec: { replicas, [kind === "Deployment" ? "strategy" : "updateStrategy"]: strategy, template: { spec: {} } },
      status: { desiredNumberScheduled: 4 },
    });
    assert.equal(outageOf(workload)?.kind, outage);
  });
}
