/** What people do to versions and workloads while the bridge works. */

import { isObject, listAt, objectAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { anyObject, anySpace, anyWorkload, clusterOf, number, shrug, text, workloadKind } from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import { objectNames } from "./names.ts";
import type { Sim } from "./sim.ts";

export const personActs: Readonly<Record<string, ActKind>> = {
  "new-version": {
    weight: 6,
    pick: anyObject,
    run: (sim, params) => sim.newVersion(text(params, "object"), false),
  },
  "same-value-again": {
    weight: 3,
    pick: anyObject,
    run: (sim, params) => sim.newVersion(text(params, "object"), true),
  },
  "version-out-of-date": {
    weight: 0.7,
    pick: (random) => ({ ...anyObject(random), days: random.pick([-1, 1]) }),
    run: (sim, params) => {
      const then = sim.clock.now() + number(params, "days") * 86_400_000;
      const dates = then < sim.clock.now() ? { expiresOn: then } : { notBefore: then };
      sim.newVersion(text(params, "object"), false, dates);
    },
  },
  "two-versions-at-once": {
    weight: 3,
    pick: (random) => ({
      object: random.pick(objectNames),
      other: random.pick(objectNames),
      gapMs: random.int(0, 1500),
    }),
    run: (sim, params) => {
      sim.newVersion(text(params, "object"), false);
      sim.clock.after(number(params, "gapMs"), () => sim.newVersion(text(params, "other"), false));
    },
  },
  deploy: {
    weight: 4,
    pick: anyWorkload,
    run: (sim, params) =>
      shrug(() =>
        clusterOf(sim, params).rolloutRestart(workloadKind(params), text(params, "namespace"), text(params, "name")),
      ),
  },
  "new-image": {
    weight: 3,
    pick: (random, shape) => ({ ...anyWorkload(random, shape), image: `example/app:${random.int(2, 9)}` }),
    run: (sim, params) => editTemplate(sim, params, (container) => ({ ...container, image: text(params, "image") })),
  },
  scale: {
    weight: 3,
    pick: (random, shape) => {
      const workload = anyWorkload(random, shape);
      return workload["kind"] === "DaemonSet" ? undefined : { ...workload, replicas: random.int(0, 4) };
    },
    run: (sim, params) =>
      shrug(() => {
        const kind = workloadKind(params);
        if (kind !== "DaemonSet")
          clusterOf(sim, params).scale(
            kind,
            text(params, "namespace"),
            text(params, "name"),
            number(params, "replicas"),
          );
      }),
  },
  pause: {
    weight: 1,
    pick: (random, shape) => ({
      ...anyWorkload(random, shape),
      kind: "Deployment",
      forMs: random.int(10, 300) * 1000,
    }),
    run: (sim, params) => {
      const set = (paused: boolean) =>
        shrug(
          () =>
            void clusterOf(sim, params).patch("Deployment", text(params, "namespace"), text(params, "name"), {
              spec: { paused },
            }),
        );
      set(true);
      sim.clock.after(number(params, "forMs"), () => set(false));
    },
  },
  undo: {
    weight: 2,
    pick: anyWorkload,
    run: (sim, params) =>
      shrug(() =>
        clusterOf(sim, params).rolloutUndo(workloadKind(params), text(params, "namespace"), text(params, "name")),
      ),
  },
  "delete-pod": {
    weight: 2,
    pick: (random, shape) => ({ ...anySpace(random, shape), nth: random.int(0, 9) }),
    run: (sim, params) => {
      const pods = clusterOf(sim, params).store.list("Pod", text(params, "namespace")).items;
      const pod = pods[number(params, "nth") % Math.max(1, pods.length)];
      const name = objectAt(pod ?? {}, "metadata")["name"];
      if (typeof name === "string") shrug(() => clusterOf(sim, params).delete("Pod", text(params, "namespace"), name));
    },
  },
  "workload-deleted": {
    weight: 0.5,
    pick: anyWorkload,
    run: (sim, params) =>
      shrug(() => clusterOf(sim, params).delete(workloadKind(params), text(params, "namespace"), text(params, "name"))),
  },
  "namespace-deleted": {
    weight: 0.15,
    pick: anySpace,
    run: (sim, params) => shrug(() => clusterOf(sim, params).delete("Namespace", "", text(params, "namespace"))),
  },
};

function editTemplate(sim: Sim, params: Params, change: (container: JsonObject) => JsonObject): void {
  shrug(
    () =>
      void clusterOf(sim, params).edit(
        workloadKind(params),
        text(params, "namespace"),
        text(params, "name"),
        (object) => {
          const template = objectAt(object, "spec", "template");
          const podSpec = objectAt(template, "spec");
          const containers = listAt(podSpec, "containers").map((one) => (isObject(one) ? change(one) : one));
          const spec = { ...objectAt(object, "spec"), template: { ...template, spec: { ...podSpec, containers } } };
          return { ...object, spec };
        },
      ),
  );
}
