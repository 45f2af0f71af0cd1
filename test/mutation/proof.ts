/** Proof that proves nothing. */

import type { Mutation } from "./mutation.ts";

export const proof: readonly Mutation[] = [
  {
    name: "pod-status-by-name",
    harm: "a StatefulSet's new pod is judged by what the old one had mounted",
    file: "shared/core/dependents.ts",
    find: "statuses.get(pod.uid)?.get(className)",
    replace: "observed.podStatuses.find((status) => status.podName === pod.name && status.className === className)",
    likely: ["test/scenarios/b-status-owner.test.ts"],
  },
  {
    name: "mounts-believed",
    harm: "pods whose mount lagged count as proven",
    file: "shared/core/plan/look.ts",
    find: "object.unmounted || object.ids.every((id) => status.versions.get(id) === owner.rendering.versions.get(id)),",
    replace: "true,",
    likely: ["test/scenarios/b-old-mounts.test.ts", "test/scenarios/b-never-mounter.test.ts"],
  },
  {
    name: "paused-counts-as-done",
    harm: "`converged` while the paused workload's pods run with the old value",
    file: "shared/core/plan/decide-workload.ts",
    find: "  const all = state.uses;",
    replace: `
  const all = state.uses;
  if (state.item.workload.paused) return { kind: "done", outcome: undefined, for: all };`,
    likely: ["test/scenarios/b-workload-states.test.ts"],
  },
  {
    name: "crashing-counts-as-done",
    harm: "a bad value goes on from the first workload to all the others",
    file: "shared/core/plan/rollout.ts",
    find: "if (complete && !item.pods.some((pod) => ofOurRollout(pod) && isShaky(pod, look.now))) return",
    replace: "if (complete) return",
    likely: ["test/scenarios/b-crashing-value.test.ts"],
  },
  {
    name: "adoption-without-margin",
    harm: "pods that started before the driver's poll keep the old value, `converged` all the same",
    file: "shared/core/freshness.ts",
    find: "return Math.max(10 * 60_000, driver.pollIntervalMs + 2 * 60_000);",
    replace: "return 0;",
    likely: ["test/core/freshness/adopted.test.ts"],
  },
  {
    name: "same-second-is-fresh",
    harm: "a pod that started just before the write keeps the old value",
    file: "shared/core/freshness.ts",
    find: "return pod.createdAt > wroteAt",
    replace: "return pod.createdAt >= wroteAt",
    likely: ["test/core/freshness/our-write.test.ts"],
  },
  {
    name: "kubelets-caches-never-lag",
    harm: "a pod of somebody else's rollout that started right after the write keeps the old value",
    file: "shared/core/freshness.ts",
    find: "lastStartOf(pod) >= wroteAt + 2000",
    replace: "lastStartOf(pod) >= wroteAt",
    likely: ["test/core/freshness/our-write.test.ts"],
  },
  {
    name: "every-trace-of-reloader-counts",
    harm: "Reloader's restart for another Secret, or another key of it, counts for this: `converged` with the old value",
    file: "shared/core/freshness.ts",
    find: "return pod.createdAt >= traceAt && areOfPresentData(pod.reloaderTraces, secret);",
    replace: "return pod.createdAt >= traceAt;",
    likely: ["test/core/freshness/reloader.test.ts"],
  },
  {
    name: "every-version-has-equal-bytes",
    harm: "a real rotation is taken for a value that was saved again: nobody is restarted",
    file: "shared/core/plan/wanted.ts",
    find: "if (before === undefined || !before.value.equals(wanted.current.value)) break;",
    replace: "if (before === undefined) break;",
    likely: ["test/scenarios/a-holder.test.ts"],
  },
  {
    name: "no-version-has-equal-bytes",
    harm: "saving the same value again restarts everything",
    file: "shared/core/plan/wanted.ts",
    find: "if (before === undefined || !before.value.equals(wanted.current.value)) break;",
    replace: "if (before?.version !== wanted.current.version) break;",
    likely: ["test/scenarios/b-values-and-classes.test.ts"],
  },
  {
    name: "unmanaged-pod-ignored",
    harm: "`converged` while a bare pod runs with the old value",
    file: "shared/core/plan/class-findings.ts",
    find: "if (unmanaged.length > 0) say(",
    replace: "if (unmanaged.length < 0) say(",
    likely: ["test/scenarios/b-old-mounts.test.ts"],
  },
  {
    name: "old-mount-passed-on-1.6",
    harm: "an old mount writes the old value back, and the readers start with it",
    file: "shared/core/plan/decide-all.ts",
    find: 'proof.proven || (proof.onlyObstacles && look.driver.generation === "1.5");',
    replace: "proof.proven || proof.onlyObstacles;",
    likely: ["test/scenarios/b-old-mounts.test.ts", "test/scenarios/b-never-mounter.test.ts"],
  },
];
