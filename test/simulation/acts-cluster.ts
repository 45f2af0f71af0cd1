/** What clusters do by themselves, and what controllers and webhooks of others do. */

import { ApiError } from "../../local/cluster/api-error.ts";
import { at, textAt, withAt } from "../../local/cluster/json.ts";
import { driverManager, fieldManager, markerAnnotation } from "../../shared/core/marker.ts";
import { anySpace, clusterOf, number, shrug, someTime, text } from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import type { Random } from "./random.ts";
import { objectNames, vaultName } from "./names.ts";
import type { Shape } from "./shape.ts";

const lasting = (random: Random, shape: Shape): Params => ({ ...anySpace(random, shape), forMs: someTime(random) });

export const clusterActs: Readonly<Record<string, ActKind>> = {
  tick: {
    weight: 6,
    pick: (random, shape) => ({ ...anySpace(random, shape), nth: random.int(0, 9) }),
    run: (sim, params) => {
      const pods = clusterOf(sim, params).store.list("Pod", text(params, "namespace")).items;
      const pod = pods[number(params, "nth") % Math.max(1, pods.length)];
      const name = textAt(pod ?? {}, "metadata", "name");
      if (name !== "") shrug(() => clusterOf(sim, params).tick(text(params, "namespace"), name));
    },
  },
  "drivers-restart": { weight: 1, pick: anySpace, run: (sim, params) => clusterOf(sim, params).restartDrivers() },
  "node-lost": {
    weight: 1.5,
    pick: (random, shape) => ({ ...lasting(random, shape), node: random.pick(["node-0", "node-1"]) }),
    run: (sim, params) => {
      const node = text(params, "node");
      clusterOf(sim, params).loseNode(node);
      sim.clock.after(number(params, "forMs"), () => clusterOf(sim, params).recoverNode(node));
    },
  },
  "value-crashes-pods": {
    weight: 1.5,
    pick: (random, shape) => ({ ...lasting(random, shape), object: random.pick(objectNames) }),
    run: (sim, params) => {
      const object = text(params, "object");
      const bad = sim.vault.versions("contoso", object).at(-1)?.value ?? "";
      const heal = clusterOf(sim, params).crashWhen(
        (start) => start.namespace === text(params, "namespace") && Object.values(start.env).includes(bad),
      );
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "no-room-for-pods": {
    weight: 0.7,
    pick: lasting,
    run: (sim, params) => {
      const heal = clusterOf(sim, params).unschedulableWhen(
        (pod) => textAt(pod, "metadata", "namespace") === text(params, "namespace"),
      );
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "quota-used-up": {
    weight: 0.7,
    pick: lasting,
    run: (sim, params) => {
      const heal = clusterOf(sim, params).store.admit((request) => {
        const meant = request.kind === "Pod" && request.namespace === text(params, "namespace");
        if (meant && request.verb === "create")
          throw new ApiError(403, "Forbidden", "pods is forbidden: exceeded quota");
        return undefined;
      });
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "policy-denies": {
    weight: 0.7,
    pick: (random, shape) => ({ ...lasting(random, shape), kind: random.pick(["Secret", "Deployment"]) }),
    run: (sim, params) => {
      const heal = clusterOf(sim, params).store.admit((request) => {
        if (request.kind !== text(params, "kind") || request.namespace !== text(params, "namespace")) return undefined;
        if (request.fieldManager === fieldManager)
          throw new ApiError(403, "Forbidden", 'admission webhook "policy.example.com" denied the request: no');
        return undefined;
      });
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "driver-cannot-create": {
    weight: 0.7,
    pick: lasting,
    run: (sim, params) => {
      const heal = clusterOf(sim, params).store.admit((request) => {
        const meant = request.kind === "Secret" && request.namespace === text(params, "namespace");
        if (meant && request.verb === "create" && request.fieldManager === driverManager)
          throw new ApiError(403, "Forbidden", "secrets is forbidden: exceeded quota");
        return undefined;
      });
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "secret-deleted-for-good": {
    weight: 0.5,
    pick: (random, shape) => ({ ...lasting(random, shape), nth: random.int(0, 3) }),
    run: (sim, params) => {
      clusterActs["driver-cannot-create"]?.run(sim, params);
      const { store } = clusterOf(sim, params);
      const secrets = store.list("Secret", text(params, "namespace")).items;
      const name = textAt(secrets[number(params, "nth") % Math.max(1, secrets.length)], "metadata", "name");
      if (name !== "") shrug(() => store.delete("Secret", text(params, "namespace"), name));
    },
  },
  "provider-lags": {
    weight: 1.5,
    pick: (random) => ({ object: random.pick(objectNames), forMs: random.int(5, 120) * 1000 }),
    run: (sim, params) => {
      const until = sim.clock.now() + number(params, "forMs");
      sim.vault.holdProviders(vaultName, text(params, "object"), until);
      sim.newVersion(text(params, "object"), false);
    },
  },
  "webhook-drops-marker": {
    weight: 0.5,
    pick: lasting,
    run: (sim, params) => {
      const marker = ["spec", "template", "metadata", "annotations", markerAnnotation];
      const heal = clusterOf(sim, params).store.admit(({ kind, namespace, object, verb, fieldManager: manager }) => {
        if (kind !== "Deployment" || namespace !== text(params, "namespace") || verb === "delete") return undefined;
        // Controllers write the status, which webhooks for Deployments do not see.
        if (manager === "kube-controller-manager" || at(object, ...marker) === undefined) return undefined;
        return withAt(object, marker, undefined);
      });
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
};
