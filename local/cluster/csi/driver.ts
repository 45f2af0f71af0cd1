/**
 * The Secrets Store CSI driver of one node, line 1.5 (as 1.5.6) or 1.6 (as 1.6.1). Its look at a
 * pod status writes what that pod has mounted; with rotation on, 1.5 polls the vault and 1.6 reads it again when the
 * kubelet publishes a volume again. test/local/cluster/driver-facts.test.ts and driver-rotation-facts.test.ts hold what was
 * measured.
 */

import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import type { ProviderSettings } from "../../../shared/core/rendering/provider-settings.ts";
import type { Mounted } from "../../../shared/core/rendering/render.ts";
import { ApiError, isApiError } from "../api-error.ts";
import { textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { keyOf, nameOf, namespaceOf, splitKey, uidOf } from "../objects.ts";
import { WorkQueue } from "../work-queue.ts";
import type { DriverOptions } from "./driver-options.ts";
import { MountError } from "./mount-error.ts";
import { fetchFiles, refill, statusName } from "./mounts.ts";
import type { Mount } from "./mounts.ts";
import { patchOwners } from "./owner-patcher.ts";
import { Poller } from "./poller.ts";
import { nodeLabel, writePodStatus } from "./pod-status-writer.ts";
import { reconcilePodStatus } from "./reconcile.ts";

export class CsiDriver {
  readonly #options: DriverOptions;
  readonly #settings: ProviderSettings;
  readonly #mounts = new Map<string, Map<string, Mount>>();
  readonly #changes: WorkQueue;
  readonly #ticks: WorkQueue;
  readonly #startedAt: number;
  readonly #poller: Poller | undefined;
  #ownersDue = false;

  constructor(options: DriverOptions) {
    const { store, timers, generation, pollIntervalMs } = options;
    this.#options = options;
    this.#settings = { ...defaultSettings, driver: generation };
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
    if (pollIntervalMs === undefined || generation !== "1.5") return;
    const { mountMs } = options.timing;
    const podStatuses = () => this.#podStatuses();
    this.#poller = new Poller({
      ...options,
      settings: this.#settings,
      pollIntervalMs,
      mountMs,
      mountOf: this.#mountOf,
      podStatuses,
    });
    this.#poller.start(options.phaseMs);
  }

  /** Kubelets publish mounted volumes again: `requiresRepublish` of the CSIDriver object. */
  get republishes(): boolean {
    return this.#options.generation === "1.6" && this.#options.pollIntervalMs !== undefined;
  }

  /** NodePublishVolume: fetches all objects, writes the files, then the pod status; throws a MountError. */
  async publish(pod: JsonObject, volume: string, attributes: JsonObject): Promise<void> {
    const { store, node, timers } = this.#options;
    const className = textAt(attributes, "secretProviderClass");
    const { files, versions } = await this.#fetch(namespaceOf(pod), className, attributes);
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

  /** NodePublishVolume again, for all volumes of the pod that are mounted. */
  async republish(pod: JsonObject): Promise<void> {
    const mounts = [...(this.#mounts.get(uidOf(pod))?.values() ?? [])];
    await Promise.all(mounts.map((mount) => this.#publishAgain(pod, mount)));
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
    this.#poller?.start(0);
  }

  /** What fails is hidden from the kubelet, which would take it for a failed mount (kubernetes/kubernetes#121271). */
  async #publishAgain(pod: JsonObject, mount: Mount): Promise<void> {
    const { store, node, timers, pollIntervalMs } = this.#options;
    // Counted from the last change, not from the last read: content that never changes is read at every publish.
    if (pollIntervalMs === undefined || timers.now() < mount.changedAt + pollIntervalMs) return;
    try {
      const fetched = await this.#fetch(mount.namespace, mount.className, mount.attributes);
      if (timers.stopped || this.#mounts.get(mount.podUid)?.get(mount.volume) !== mount) return;
      refill(mount, fetched, timers.now());
      writePodStatus(store, node.name, pod, mount);
    } catch (error) {
      if (!(error instanceof MountError) && !isApiError(error)) throw error;
    }
  }

  async #fetch(namespace: string, className: string, attributes: JsonObject): Promise<Mounted> {
    const { store, node, timing, vault } = this.#options;
    await node.pause(timing.mountMs);
    const providerClass = store.find("SecretProviderClass", namespace, className);
    if (providerClass !== undefined) return fetchFiles(providerClass, attributes, vault, this.#settings);
    throw new MountError(`failed to get secretproviderclass ${namespace}/${className}, error: not found`);
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
    const { store, node } = this.#options;
    const all = store.list("SecretProviderClassPodStatus").items;
    return all.filter((podStatus) => textAt(podStatus, "metadata", "labels", nodeLabel) === node.name);
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
