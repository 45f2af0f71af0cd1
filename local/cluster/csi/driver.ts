/**
 * The Secrets Store CSI driver of one node, line 1.5 (as 1.5.6) or 1.6 (as 1.6.1), rotation off. What it does to a
 * Secret depends only on what its pods have mounted; test/local/cluster/driver-facts.test.ts holds what was measured.
 */

import { ApiError } from "../api-error.ts";
import { textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Node } from "../node/node.ts";
import { keyOf, nameOf, namespaceOf, splitKey, uidOf } from "../objects.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import { WorkQueue } from "../work-queue.ts";
import { MountError } from "./mount-error.ts";
import { fetchFiles, statusName } from "./mounts.ts";
import type { Mount, VaultRead } from "./mounts.ts";
import { patchOwners } from "./owner-patcher.ts";
import { nodeLabel, writePodStatus } from "./pod-status-writer.ts";
import { reconcilePodStatus } from "./reconcile.ts";
import type { Generation } from "./sync-secret.ts";

export interface DriverTiming {
  /** A mount takes this long, before the vault is read and files are written. */
  readonly mountMs: number;
  /** From a new pod status to the driver's look at it. */
  readonly newPodMs: number;
  /** From a change of a pod status to the driver's look at it. */
  readonly touchMs: number;
  /** Looks at every pod status again after this long. */
  readonly tickMs: number;
  /** Period of the owner patcher. */
  readonly ownersMs: number;
}

export const measuredTiming: DriverTiming = {
  mountMs: 100,
  newPodMs: 100,
  touchMs: 10,
  tickMs: 300_000,
  ownersMs: 5000,
};

export interface DriverOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly node: Node;
  readonly generation: Generation;
  readonly vault: VaultRead;
  readonly timing: DriverTiming;
  /** Offset of this node's owner patcher: drivers don't start at one moment. */
  readonly phaseMs: number;
}

export class CsiDriver {
  readonly #options: DriverOptions;
  readonly #mounts = new Map<string, Map<string, Mount>>();
  readonly #changes: WorkQueue;
  readonly #ticks: WorkQueue;
  readonly #startedAt: number;
  #ownersDue = false;

  constructor(options: DriverOptions) {
    const { store, timers } = options;
    this.#options = options;
    this.#startedAt = timers.now() + options.phaseMs;
    this.#changes = new WorkQueue(timers, options.timing.touchMs, (key) => this.#look(key));
    this.#ticks = new WorkQueue(timers, options.timing.tickMs, (key) => this.#look(key));
    store.watch("SecretProviderClassPodStatus", undefined, ({ type, object }) => {
      if (textAt(object, "metadata", "labels", nodeLabel) !== options.node.name) return;
      this.#wakeOwners();
      if (type === "ADDED") this.#changes.addAfter(keyOf(object), options.timing.newPodMs);
      if (type === "MODIFIED") this.#changes.add(keyOf(object));
    });
    store.watch("SecretProviderClass", undefined, () => this.#wakeOwners());
    store.watch("Secret", undefined, () => this.#wakeOwners());
  }

  /** NodePublishVolume: fetches all objects, writes the files, then the pod status; throws a MountError. */
  async publish(pod: JsonObject, volume: string, attributes: JsonObject): Promise<void> {
    const { store, node, timing, vault, timers } = this.#options;
    await node.pause(timing.mountMs);
    const className = textAt(attributes, "secretProviderClass");
    const providerClass = store.find("SecretProviderClass", namespaceOf(pod), className);
    if (providerClass === undefined) {
      throw new MountError(`failed to get secretproviderclass ${namespaceOf(pod)}/${className}, error: not found`);
    }
    const { files, versions } = await fetchFiles(providerClass, attributes, vault);
    if (timers.stopped) return;
    const present = store.find("Pod", namespaceOf(pod), nameOf(pod));
    if (present === undefined || uidOf(present) !== uidOf(pod)) throw new MountError("the pod is gone");
    const mount: Mount = {
      podUid: uidOf(pod),
      namespace: namespaceOf(pod),
      podName: nameOf(pod),
      className,
      volume,
      attributes,
      files,
      versions,
      changedAt: timers.now(),
    };
    const mounts = this.#mounts.get(mount.podUid) ?? new Map<string, Mount>();
    this.#mounts.set(mount.podUid, mounts.set(volume, mount));
    writePodStatus(store, node.name, pod, mount);
  }

  /** NodeUnpublishVolume, for all volumes of the pod. */
  unpublish(podUid: string): void {
    this.#mounts.delete(podUid);
  }

  /** The mounted files of a pod: volume -> path -> bytes. */
  filesOf(podUid: string): ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> {
    const mounts = [...(this.#mounts.get(podUid) ?? new Map<string, Mount>())];
    return new Map(
      mounts.map(([volume, { files }]) => [
        volume,
        new Map([...files].map(([path, { content }]) => [path, content.reveal()])),
      ]),
    );
  }

  /** The hard-coded 5-minute look at a pod's statuses, now. */
  tick(podUid: string): void {
    for (const mount of this.#mounts.get(podUid)?.values() ?? []) {
      this.#changes.addAfter(`${mount.namespace}/${statusName(mount)}`, 0);
    }
  }

  /** The driver's process ends and starts again: it looks at every pod of its node. */
  restart(): void {
    for (const podStatus of this.#podStatuses()) this.#changes.addAfter(keyOf(podStatus), 300);
  }

  #look(key: string): void {
    const { store, generation, node, timers, timing } = this.#options;
    const podStatus = store.find("SecretProviderClassPodStatus", ...splitKey(key));
    if (podStatus === undefined) return;
    if (node.lost) {
      node.whenUp(() => this.#changes.add(key));
      return;
    }
    const result = reconcilePodStatus({ store, generation, now: timers.now(), mountOf: this.#mountOf }, podStatus);
    if (result === "done") this.#ticks.addAfter(key, timing.tickMs);
    if (result === "later") this.#changes.addAfter(key, 5000);
    if (result === "failed") throw new ApiError(500, "InternalError", "A Secret could not be made.");
  }

  readonly #mountOf = (podUid: string, className: string): Mount | undefined =>
    [...(this.#mounts.get(podUid)?.values() ?? [])].find((mount) => mount.className === className);

  #podStatuses(): readonly JsonObject[] {
    const labelSelector = `${nodeLabel}=${this.#options.node.name}`;
    return this.#options.store.list("SecretProviderClassPodStatus", undefined, { labelSelector }).items;
  }

  /** The next pass of the 5-second patcher; a pass that found nothing to do waits for the next change. */
  #wakeOwners(): void {
    if (this.#ownersDue) return;
    this.#ownersDue = true;
    const { timers, timing, node, store } = this.#options;
    const since = timers.now() - this.#startedAt;
    const wait = timing.ownersMs - (((since % timing.ownersMs) + timing.ownersMs) % timing.ownersMs);
    timers.after(wait, () => {
      this.#ownersDue = false;
      if (node.lost) node.whenUp(() => this.#wakeOwners());
      else if (!patchOwners(store, this.#podStatuses())) this.#wakeOwners();
    });
  }
}
