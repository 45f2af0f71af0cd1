/** The holder pattern: one Deployment mounts a class only to make its Secrets exist, others read them by env. */

import assert from "node:assert/strict";
import type { ClassSpec, WorkloadSpec } from "../../scenarios/manifests.ts";
import type { Scene } from "./scene.ts";
import { nextSecond } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

export const holderClass: ClassSpec = {
  name: "kv",
  objects: ["db", "color", "mail"],
  secrets: { database: { password: "db" }, theme: { color: "color" }, post: { key: "mail" } },
};

/** `shop` and `billing` read the Secret of `db`, `painter` that of `color`; they mount nothing. */
export async function holderPattern(scene: Scene, shape: Partial<WorkloadSpec> = {}): Promise<void> {
  for (const name of ["db", "color", "mail"]) scene.old(name, `${name}-1`);
  await scene.class(holderClass);
  await scene.workload({ name: "holder", mounts: ["kv"], ...shape });
  await scene.settled("Deployment/holder");
  await nextSecond(scene);
  await scene.workload({ name: "shop", replicas: 2, env: { DB: ["database", "password"] } });
  await scene.workload({ name: "billing", envFrom: ["database"] });
  await scene.workload({ name: "painter", env: { COLOR: ["theme", "color"] } });
  for (const name of ["shop", "billing", "painter"]) await scene.settled(`Deployment/${name}`);
  await nextSecond(scene);
}

/** What must be so when `db` has its second version everywhere, which was made at `at`. */
export async function assertHolderRotated(scene: Scene, at: number): Promise<void> {
  assert.equal(await scene.secretValue("database", "password"), "db-2");
  assert.equal(await scene.secretValue("theme", "color"), "color-1");
  await assertRuns(scene, "holder", { files: { "kv/db": "db-2", "kv/color": "color-1" }, versions: true });
  await assertRuns(scene, "shop", { pods: 2, env: { DB: "db-2" } });
  await assertRuns(scene, "billing", { env: { password: "db-2" } });
  const [first, ...others] = scene.witness.order();
  assert.equal(first, "Deployment/holder", "the holder comes first");
  assert.deepEqual(
    [...others].sort(),
    ["Deployment/billing", "Deployment/shop"],
    "then the readers of this Secret, once",
  );
  for (const app of ["shop", "billing"]) {
    const late = (await scene.starts(app)).filter(({ startedAt }) => startedAt > at);
    assert.ok(late.length > 0, `${app} was started again`);
    for (const { pod, env } of late)
      assert.equal(env["DB"] ?? env["password"], "db-2", `${pod} starts with the new value`);
  }
  assert.equal((await scene.starts("painter")).length, 1, "readers of other Secrets are left alone");
  assertNoneLost(scene, ["database", "theme", "post"]);
}

export function assertNoneLost(scene: Scene, secrets: readonly string[]): void {
  for (const name of secrets) assert.equal(scene.witness.lost(name), 0, `${name} is never lost`);
}
