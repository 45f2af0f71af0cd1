/** What people do to a namespace while the bridge works. */

import { isObject, listAt, objectAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { providerClass } from "../scenarios/manifests.ts";
import {
  anyClass,
  anyObject,
  anySecret,
  anySpace,
  anyWorkload,
  clusterOf,
  number,
  shrug,
  someTime,
  text,
  workloadKind,
} from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import { objectNames, vaultName } from "./names.ts";
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
  "delete-secret": {
    weight: 2,
    pick: anySecret,
    run: (sim, params) =>
      shrug(() => clusterOf(sim, params).delete("Secret", text(params, "namespace"), text(params, "name"))),
  },
  "label-secret": {
    weight: 1,
    pick: anySecret,
    run: (sim, params) =>
      shrug(
        () =>
          void clusterOf(sim, params).patch("Secret", text(params, "namespace"), text(params, "name"), {
            metadata: { labels: { team: "shop" } },
            data: { foreign: "Zm9yZWlnbg==" },
          }),
      ),
  },
  "hand-write-secret": {
    weight: 1,
    pick: (random, shape) => {
      const secret = anySecret(random, shape);
      return secret === undefined ? undefined : { ...secret, object: random.pick(objectNames) };
    },
    run: (sim, params) =>
      shrug(
        () =>
          void clusterOf(sim, params).patch("Secret", text(params, "namespace"), text(params, "name"), {
            data: { [`k-${text(params, "object")}`]: Buffer.from("by hand").toString("base64") },
          }),
      ),
  },
  "stranger-keeps-writing": {
    weight: 0.7,
    pick: (random, shape) => {
      const secret = anySecret(random, shape);
      return secret === undefined
        ? undefined
        : { ...secret, object: random.pick(objectNames), forMs: someTime(random) };
    },
    run: (sim, params) => {
      const until = sim.clock.now() + number(params, "forMs");
      const write = () => {
        shrug(
          () =>
            void clusterOf(sim, params).patch(
              "Secret",
              text(params, "namespace"),
              text(params, "name"),
              { data: { [`k-${text(params, "object")}`]: Buffer.from("by a stranger").toString("base64") } },
              "stranger",
            ),
        );
        if (sim.clock.now() + 4000 < until) sim.clock.after(4000, write);
      };
      write();
    },
  },
  "secret-of-another-type": {
    weight: 0.5,
    pick: anySecret,
    run: (sim, params) =>
      shrug(() => {
        const [namespace, name] = [text(params, "namespace"), text(params, "name")];
        const { store } = clusterOf(sim, params);
        const held = store.get("Secret", namespace, name);
        store.delete("Secret", namespace, name);
        const { labels = {} } = objectAt(held, "metadata");
        const made = { ...held, metadata: { name, namespace, labels }, type: "example.com/other" };
        store.create("Secret", made, { fieldManager: "kubectl-create" });
      }),
  },
  "disown-secret": {
    weight: 0.5,
    pick: anySecret,
    run: (sim, params) =>
      shrug(
        () =>
          void clusterOf(sim, params).patch("Secret", text(params, "namespace"), text(params, "name"), {
            metadata: { labels: { "secrets-store.csi.k8s.io/managed": null } },
          }),
      ),
  },
  "freeze-secret": {
    weight: 0.3,
    pick: anySecret,
    run: (sim, params) =>
      shrug(
        () =>
          void clusterOf(sim, params).patch("Secret", text(params, "namespace"), text(params, "name"), {
            immutable: true,
          }),
      ),
  },
  "class-other-objects": {
    weight: 3,
    pick: (random, shape) => {
      const { namespace, name } = anyClass(random, shape);
      return { namespace: namespace ?? "", name: name ?? "", objects: random.some(objectNames, 1, 4).join(",") };
    },
    run: (sim, params) => changeClass(sim, params, text(params, "objects").split(","), {}),
  },
  "class-pin": {
    weight: 1,
    pick: (random, shape) => ({ ...anyClass(random, shape), object: random.pick(objectNames), back: random.int(0, 2) }),
    run: (sim, params) => {
      const object = text(params, "object");
      const version = sim.vault.versions(vaultName, object).at(-1 - number(params, "back"))?.version;
      if (version === undefined) return;
      sim.pin(text(params, "namespace"), object);
      changeClass(sim, params, [object], { objectVersion: version });
    },
  },
  "class-opt-out": {
    weight: 0.5,
    pick: anyClass,
    run: (sim, params) =>
      shrug(
        () =>
          void clusterOf(sim, params).patch("SecretProviderClass", text(params, "namespace"), text(params, "name"), {
            metadata: { annotations: { "rotation-bridge/ignore": "true" } },
          }),
      ),
  },
  "class-deleted": {
    weight: 0.5,
    pick: anyClass,
    run: (sim, params) =>
      shrug(() =>
        clusterOf(sim, params).delete("SecretProviderClass", text(params, "namespace"), text(params, "name")),
      ),
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

/** The class gets these objects, and keys for them in its first Secret; what it had in other Secrets stays as far as it can. */
function changeClass(
  sim: Sim,
  params: Params,
  objects: readonly string[],
  extra: Readonly<Record<string, string>>,
): void {
  shrug(() => {
    const [namespace, name] = [text(params, "namespace"), text(params, "name")];
    const held = clusterOf(sim, params).store.get("SecretProviderClass", namespace, name);
    const first = listAt(held, "spec", "secretObjects")[0];
    const secretName = textAt(isObject(first) ? first : {}, "secretName") || `secret-${name}`;
    const items = objects.map((objectName) => ({ objectName, ...extra }));
    const data = Object.fromEntries(objects.map((object) => [`k-${object}`, object]));
    clusterOf(sim, params).apply(providerClass({ name, namespace, objects: items, secrets: { [secretName]: data } }));
  });
}
