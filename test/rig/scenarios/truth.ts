/** What must be true of pods: what their containers started with, and which versions their mounts hold. */

import assert from "node:assert/strict";
import { at, isObject, listAt, textAt } from "../../../local/cluster/json.ts";
import type { Scene } from "./scene.ts";

export interface Wanted {
  /** Live pods; 1 where it is not given. */
  readonly pods?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** `<class>/<path>` -> content at the container's start. */
  readonly files?: Readonly<Record<string, string>>;
  /** The pods' statuses show the vault's current versions. */
  readonly versions?: boolean;
}

/** Every live pod of the workload was last started with these values. */
export async function assertRuns(scene: Scene, name: string, wanted: Wanted, namespace?: string): Promise<void> {
  const running = await scene.live(name, namespace);
  assert.equal(running.length, wanted.pods ?? 1, `live pods of ${name}`);
  for (const start of running) {
    for (const [variable, value] of Object.entries(wanted.env ?? {}))
      assert.equal(start.env[variable], value, `${start.pod}: env ${variable}`);
    for (const [path, text] of Object.entries(wanted.files ?? {})) {
      const [className = "", ...rest] = path.split("/");
      const file = start.files[`class-${className}`]?.[rest.join("/")];
      assert.equal(file?.toString(), text, `${start.pod}: ${path}`);
    }
  }
  if (wanted.versions === true)
    await assertMounted(
      scene,
      running.map(({ pod }) => pod),
      namespace,
    );
}

/** The statuses of these pods show what the vault names as current for each plain secret. */
async function assertMounted(scene: Scene, pods: readonly string[], namespace: string | undefined): Promise<void> {
  const statuses = await scene.list("SecretProviderClassPodStatus", namespace);
  for (const pod of pods) {
    const own = statuses.filter((status) => textAt(status, "status", "podName") === pod);
    assert.ok(own.length > 0, `${pod} has a pod status`);
    for (const entry of own.flatMap((status) => listAt(status, "status", "objects"))) {
      assert.ok(isObject(entry));
      const name = textAt(entry, "id").replace(/^secret\//, "");
      const current = scene.stage.vault.versions(scene.vault, name).at(-1);
      assert.equal(at(entry, "version"), current?.version, `${pod}: version of ${name}`);
    }
  }
}
