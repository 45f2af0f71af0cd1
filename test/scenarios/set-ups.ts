/**
 * The set-ups of the acceptance scenarios, as people run them: the vault's values are older than the workloads, and
 * all of it is at least a minute old when the scenario begins.
 */

import { nameOf, namespaceOf } from "../../local/cluster/objects.ts";
import { providerClass, workload } from "./manifests.ts";
import type { ClassSpec, WorkloadSpec } from "./manifests.ts";
import type { World } from "./world.ts";

/** A value that was in the vault a day before the workloads came. */
export function setBefore(world: World, name: string, value: string): void {
  world.set(name, value, { createdOn: world.clock.now() - 24 * 60 * 60_000 });
}

/** A1: a class with one object, one synced Secret, one Deployment that mounts the class and reads the key by env. */
export async function walkthrough(
  world: World,
  changes: { readonly class?: Partial<ClassSpec>; readonly app?: Partial<WorkloadSpec> } = {},
): Promise<void> {
  setBefore(world, "Secret", "old");
  world.blue.apply(
    providerClass({
      name: "kv",
      objects: ["Secret"],
      secrets: { syncedsecret: { mysecret: "Secret" } },
      ...changes.class,
    }),
  );
  world.blue.apply(
    workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["syncedsecret", "mysecret"] }, ...changes.app }),
  );
  await world.pass(60_000);
}

/**
 * Rotation on: the driver reads the vault again for every pod that lives `ms` from the end of this. Driver 1.5 by the
 * next poll of the first node (that of the second comes 1.7 s later); driver 1.6 because somebody annotates the pods.
 */
export async function driverRefreshesIn(world: World, ms: number): Promise<void> {
  if (world.blue.generation === "1.5") {
    const beforePoll = pollIntervalMs - ((world.clock.now() - world.startedAt) % pollIntervalMs);
    await world.pass((beforePoll - ms + pollIntervalMs) % pollIntervalMs);
    return;
  }
  world.clock.after(ms, () => {
    for (const pod of world.blue.store.list("Pod").items) {
      const annotations = { nudged: String(world.clock.now()) };
      world.blue.patch("Pod", namespaceOf(pod), nameOf(pod), { metadata: { annotations } });
    }
  });
}

const pollIntervalMs = 120_000;

/** The class of the holder pattern. */
export const holderClass: ClassSpec = {
  name: "kv",
  objects: ["db", "color", "mail"],
  secrets: { database: { password: "db" }, theme: { color: "color" }, post: { key: "mail" } },
};

/**
 * A4: one Deployment mounts a class with many objects only to make the Secrets exist. Three others mount nothing:
 * `shop` and `billing` read the Secret of `db`, `painter` that of `color`.
 */
export async function holderPattern(world: World): Promise<void> {
  for (const name of ["db", "color", "mail"]) setBefore(world, name, `${name}-1`);
  world.blue.apply(providerClass(holderClass));
  world.blue.apply(workload({ name: "holder", mounts: ["kv"] }));
  await world.pass(2 * 60_000);
  world.blue.apply(workload({ name: "shop", replicas: 2, env: { DB: ["database", "password"] } }));
  world.blue.apply(workload({ name: "billing", envFrom: ["database"] }));
  world.blue.apply(workload({ name: "painter", env: { COLOR: ["theme", "color"] } }));
  await world.pass(60_000);
}

/** A9: the two values of the workshop. */
export function workshopVault(world: World): void {
  setBefore(world, "db-connection-string", "Server=db");
  setBefore(world, "color", "blue");
}

/** A9: the workshop's namespace with `podinfo-csi`, which asks Stakater Reloader for its restarts. */
export function workshop(
  world: World,
  namespace: string,
  clientID: string = "22222222-2222-2222-2222-222222222222",
): void {
  world.blue.apply(
    providerClass({
      name: "azure-keyvault-secrets",
      namespace,
      objects: ["db-connection-string", "color"],
      secrets: { "keyvault-secrets": { "db-connection-string": "db-connection-string", color: "color" } },
      parameters: { clientID },
    }),
  );
  world.blue.apply(
    workload({
      name: "podinfo-csi",
      namespace,
      mounts: ["azure-keyvault-secrets"],
      env: { PODINFO_UI_COLOR: ["keyvault-secrets", "color"], DB: ["keyvault-secrets", "db-connection-string"] },
      annotations: { "reloader.stakater.com/auto": "true" },
    }),
  );
}
