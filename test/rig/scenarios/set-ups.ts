/** Applications that several scenarios begin with. */

import type { ClassSpec, WorkloadSpec } from "../../scenarios/manifests.ts";
import type { Scene } from "./scene.ts";

/**
 * Object `db` of yesterday, class `kv` that syncs it as key `k` of Secret `app`, and workload `app` that mounts the class
 * and reads the key as PASSWORD. Ends when it runs and is older than any version that comes from now on.
 */
export async function oneApp(
  scene: Scene,
  shape: Partial<WorkloadSpec> = {},
  classShape: Partial<ClassSpec> = {},
): Promise<void> {
  scene.old("db", "old");
  await scene.class({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } }, ...classShape });
  await scene.workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] }, ...shape });
  await scene.settled(`${shape.kind ?? "Deployment"}/app`);
  await nextSecond(scene);
}

/** Dates are whole seconds: a version must not come in the second in which a pod was created. */
export function nextSecond(scene: Scene): Promise<void> {
  return scene.pass(1100);
}

/** A Deployment that reads the Secret `app` and mounts nothing. */
export async function reader(scene: Scene, name: string = "reader"): Promise<void> {
  await scene.workload({ name, env: { PASSWORD: ["app", "k"] } });
  await scene.settled(`Deployment/${name}`);
  await nextSecond(scene);
}

/** As `oneApp`, in a namespace and of an object of choice: several of a scenario rotate apart from each other. */
export async function oneAppIn(
  scene: Scene,
  namespace: string,
  object: string,
  shape: Partial<WorkloadSpec> = {},
): Promise<void> {
  scene.old(object, "old");
  await scene.class({ name: "kv", namespace, objects: [object], secrets: { app: { k: object } } });
  await scene.workload({ name: "app", namespace, mounts: ["kv"], env: { PASSWORD: ["app", "k"] }, ...shape });
  await scene.settled("Deployment/app", namespace);
}

/** As `reader`, in a namespace of choice. */
export async function readerIn(scene: Scene, namespace: string): Promise<void> {
  await scene.workload({ name: "reader", namespace, env: { PASSWORD: ["app", "k"] } });
  await scene.settled("Deployment/reader", namespace);
}
