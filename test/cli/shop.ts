/** The shop of docs/cli.md: one class, a Deployment that mounts it, and what else reads its Secret, in all manners of restarts. */

import { providerClass, workload } from "../scenarios/manifests.ts";
import { setBefore } from "../scenarios/set-ups.ts";
import type { World } from "../scenarios/world.ts";

export async function shop(world: World): Promise<void> {
  const namespace = "shop";
  const env = { DB_PASSWORD: ["orders-db", "DB_PASSWORD"] } as const;
  setBefore(world, "db-password", "one");
  world.blue.apply(
    providerClass({
      name: "orders",
      namespace,
      objects: ["db-password"],
      secrets: { "orders-db": { DB_PASSWORD: "db-password" } },
    }),
  );
  world.blue.apply(workload({ name: "orders", namespace, replicas: 3, mounts: ["orders"], env }));
  await world.pass(60_000);
  world.blue.apply(workload({ name: "billing", namespace, env, spec: { strategy: { type: "Recreate" } } }));
  world.blue.apply(workload({ name: "reports", namespace, volumes: ["orders-db"] }));
  world.blue.apply(workload({ name: "legacy", namespace, env, annotations: { "rotation-bridge/ignore": "true" } }));
  await world.pass(60_000);
}
