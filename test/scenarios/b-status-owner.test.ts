/** B17: a pod status speaks for the pod that owns it, whatever pod it names. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { textAt } from "../../local/cluster/json.ts";
import { barePod, workload } from "./manifests.ts";
import { oneApp, passwords, pods } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

for (const generation of bothGenerations) {
  test(`B17: a pod status that names an old pod and belongs to another one proves nothing, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.apply(barePod({ name: "script", mounts: ["kv"] }));
    world.blue.apply(workload({ name: "bystander" }));
    await world.pass(60_000);
    const [bystander = ""] = pods(world, "bystander");
    const { version } = world.set("db", "new");
    world.blue.apply({
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClassPodStatus",
      metadata: {
        name: "0-before-all-others",
        namespace: "default",
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "Pod",
            name: bystander,
            uid: textAt(world.blue.store.get("Pod", "default", bystander), "metadata", "uid"),
          },
        ],
      },
      status: {
        podName: "script",
        secretProviderClassName: "kv",
        mounted: true,
        objects: [{ id: "secret/db", version }],
      },
    });
    await world.untilOutcome("kv", "waiting(old-mount)");
    assert.deepEqual(world.about("kv"), ["Pod/script"]);
    assert.deepEqual(passwords(world), ["new"]);
    world.blue.delete("Pod", "default", "script");
    await world.untilOutcome("kv", "converged", "blue/default", 2 * 3_600_000);
    world.stop();
  });
}
