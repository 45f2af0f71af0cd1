/** What people and other programs do to synced Secrets. */

import { objectAt } from "../../local/cluster/json.ts";
import { anySecret, clusterOf, number, shrug, someTime, text } from "./act-params.ts";
import type { ActKind } from "./acts.ts";
import { objectNames } from "./names.ts";

export const secretActs: Readonly<Record<string, ActKind>> = {
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
      shrug(() => {
        const [namespace, name] = [text(params, "namespace"), text(params, "name")];
        clusterOf(sim, params).patch("Secret", namespace, name, {
          metadata: { labels: { "secrets-store.csi.k8s.io/managed": null } },
        });
        sim.disowned.set(`${namespace}/${name}`, sim.clock.now());
      }),
  },
  "freeze-secret": {
    weight: 0.3,
    pick: anySecret,
    run: (sim, params) =>
      shrug(() => {
        const [namespace, name] = [text(params, "namespace"), text(params, "name")];
        clusterOf(sim, params).patch("Secret", namespace, name, { immutable: true });
        sim.disowned.set(`${namespace}/${name}`, sim.clock.now());
      }),
  },
};
