/** A1, the plain walkthrough, in a namespace of its own, and what must be true of it afterwards. */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { nameOf } from "../../local/cluster/objects.ts";
import { newVersionEvent, type EventSchema } from "../../local/key-vault/events.ts";
import type { StoredVersion } from "../../local/key-vault/stored-version.ts";
import { type ClassSpec, providerClass, workload } from "../scenarios/manifests.ts";
import { vaultName } from "./names.ts";
import type { Stage, StageCluster } from "./stage.ts";

export interface Walkthrough {
  readonly cluster: StageCluster;
  readonly namespace: string;
  /** The object's name in the vault. */
  readonly object: string;
  readonly oldValue: string;
  /** Instead of a class with this one object, synced as text to key `mysecret` of `syncedsecret`. */
  readonly class?: Partial<ClassSpec>;
}

/** Makes object, class and Deployment; ends when the pod is ready and older than any version that comes from now on. */
export async function setUp(stage: Stage, spec: Walkthrough): Promise<void> {
  const { cluster, namespace, object, oldValue } = spec;
  if (stage.vault.versions(vaultName, object).length === 0) {
    stage.vault.setSecret(vaultName, object, oldValue, { createdOn: Date.now() - 86_400_000 });
  }
  cluster.local.apply(
    providerClass({
      name: "kv",
      namespace,
      objects: [object],
      secrets: { syncedsecret: { mysecret: object } },
      ...spec.class,
    }),
  );
  cluster.local.apply(
    workload({ name: "app", namespace, mounts: ["kv"], env: { PASSWORD: ["syncedsecret", "mysecret"] } }),
  );
  while (cluster.local.running(namespace).length === 0) await sleep(50);
  // Dates are whole seconds: a version must not come in the second in which the pod was created.
  await sleep(1_100);
}

/** The event of a version, as Key Vault sends it. */
export function eventOf(object: string, version: StoredVersion, schema: EventSchema = "event-grid"): object {
  return newVersionEvent(vaultName, object, version, schema);
}

/** Secret patched, Deployment restarted once, env and mounted file hold the value. Read from the cluster itself. */
export function assertRotated({ cluster: { local }, namespace, object }: Walkthrough, value: string): void {
  assert.equal(local.secretValue(namespace, "syncedsecret", "mysecret"), value);
  const running = local.running(namespace);
  assert.deepEqual(
    running.map((start) => [start.env["PASSWORD"], start.files[`/mnt/kv/${object}`]]),
    [[value, value]],
  );
  for (const { pod } of running) assert.deepEqual(local.mountedFiles(namespace, pod), { [object]: value });
  assert.equal(local.store.list("ReplicaSet", namespace).items.map(nameOf).length, 2, "restarted once");
  assert.equal(startsIn(local, namespace), 2, "the first start and one restart");
}

/** Nothing was restarted and the Secret is as it was. */
export function assertUntouched({ cluster: { local }, namespace, oldValue }: Walkthrough): void {
  assert.equal(local.secretValue(namespace, "syncedsecret", "mysecret"), oldValue);
  assert.equal(startsIn(local, namespace), 1);
}

function startsIn(local: StageCluster["local"], namespace: string): number {
  return local.starts.filter((start) => start.namespace === namespace).length;
}
