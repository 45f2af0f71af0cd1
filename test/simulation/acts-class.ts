/** What people do to classes. */

import { isObject, listAt, textAt } from "../../local/cluster/json.ts";
import { providerClass } from "../scenarios/manifests.ts";
import { anyClass, clusterOf, number, shrug, text } from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import { objectNames, vaultName } from "./names.ts";
import type { Sim } from "./sim.ts";

export const classActs: Readonly<Record<string, ActKind>> = {
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
};

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
