/** One pod's life on its node: mount, start, ready, crash and restart, end. */

import { isApiError } from "../api-error.ts";
import type { CsiDriver } from "../csi/driver.ts";
import { MountError } from "../csi/mount-error.ts";
import { recordEvent } from "../events.ts";
import { isObject, listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { nameOf, namespaceOf, uidOf } from "../objects.ts";
import { seconds } from "../times.ts";
import { environment, mountedVolumes, secretVolume, visibleFiles } from "./container-inputs.ts";
import type { VolumeFiles } from "./container-inputs.ts";
import type { ContainerStart, NodeServices } from "./node-services.ts";
import type { Node } from "./node.ts";
import { PodSyncs } from "./pod-syncs.ts";
import { initialContainers, podStatus } from "./pod-status.ts";
import type { ContainerState } from "./pod-status.ts";

export type { ContainerStart } from "./node-services.ts";

const manager = { fieldManager: "kubelet", subresource: "status" } as const;
const csiName = "secrets-store.csi.k8s.io";

export class PodRun {
  readonly #pod: JsonObject;
  readonly #node: Node;
  readonly #driver: CsiDriver;
  readonly #services: NodeServices;
  readonly #containers: readonly ContainerState[];
  readonly #volumes = new Map<string, VolumeFiles>();
  readonly #syncs: PodSyncs;
  #over = false;
  #phase = "Pending";

  constructor(pod: JsonObject, node: Node, driver: CsiDriver, services: NodeServices) {
    this.#pod = pod;
    this.#node = node;
    this.#driver = driver;
    this.#services = services;
    this.#containers = initialContainers(pod);
    this.#syncs = new PodSyncs(pod, driver, services);
  }

  get node(): string {
    return this.#node.name;
  }

  /** Writes the pod's status again, after somebody else wrote it. */
  report(): void {
    if (!this.#over) this.#write(this.#phase);
  }

  /** The pod is so in the API now. */
  changed(pod: JsonObject): void {
    this.#syncs.changed(pod);
  }

  /** From the binding until every container runs and is ready, or the pod ends. */
  async start(): Promise<void> {
    const { timing } = this.#services;
    await this.#node.pause(timing.kubeletMs);
    if (this.#over) return;
    this.#write("Pending");
    for (const volume of mountedVolumes(this.#pod)) await this.#mount(volume);
    if (!this.#over) this.#syncs.start();
    await this.#node.pause(timing.startDelayMs);
    for (const container of this.#containers.filter(({ init }) => init)) {
      await this.#launch(container);
      if (this.#over) return;
      container.state = this.#terminated(0);
    }
    await Promise.all(this.#containers.filter(({ init }) => !init).map((container) => this.#keep(container)));
  }

  /** The pod's processes end by themselves, with success: what a Job's pod does. */
  finish(): void {
    if (this.#over) return;
    this.#stop();
    for (const container of this.#containers.filter(({ init }) => !init)) {
      container.state = this.#terminated(0);
      container.ready = false;
    }
    this.#write("Succeeded");
  }

  /** The pod was deleted: ends it after its grace and removes it from the API. */
  async end(): Promise<void> {
    const { store, timing } = this.#services;
    this.#stop();
    const grace = numberAt(this.#pod, "spec", "terminationGracePeriodSeconds") ?? 30;
    await this.#node.pause(Math.min(timing.stopDelayMs, grace * 1000));
    this.gone();
    const now = store.find("Pod", namespaceOf(this.#pod), nameOf(this.#pod));
    if (now === undefined || uidOf(now) !== uidOf(this.#pod)) return;
    store.delete("Pod", namespaceOf(now), nameOf(now), { gracePeriodSeconds: 0 });
  }

  /** The pod is no longer in the API. */
  gone(): void {
    this.#stop();
    this.#driver.unpublish(uidOf(this.#pod));
  }

  /** Mounts one volume, trying again with back-off until it works. */
  async #mount(volume: JsonObject): Promise<void> {
    for (let backoff = 500; !this.#over; backoff = Math.min(2 * backoff, this.#services.timing.mountBackoffCapMs)) {
      const problem = await this.#tryMount(volume);
      if (problem === undefined || this.#over) return;
      const message = `MountVolume.SetUp failed for volume "${textAt(volume, "name")}" : ${problem}`;
      const note = { type: "Warning", reason: "FailedMount", message, component: "kubelet" } as const;
      recordEvent(this.#services.store, this.#pod, note, this.#services.timers.now());
      await this.#node.pause(backoff);
    }
  }

  async #tryMount(volume: JsonObject): Promise<string | undefined> {
    const name = textAt(volume, "name");
    if (textAt(volume, "csi", "driver") === csiName) {
      try {
        await this.#driver.publish(this.#pod, name, objectAt(volume, "csi", "volumeAttributes"));
        return undefined;
      } catch (error) {
        if (error instanceof MountError || isApiError(error)) return error.message;
        throw error;
      }
    }
    const files = secretVolume(this.#pod, volume, this.#services.secrets);
    if (!files.ok) return files.problem;
    this.#volumes.set(name, files.value);
    return undefined;
  }

  /** Starts a container as often as it crashes, until it stays up. */
  async #keep(container: ContainerState): Promise<void> {
    for (;;) {
      const start = await this.#launch(container);
      if (start === undefined) return;
      if (!this.#services.crashes(start)) break;
      await this.#untilCrash(container);
      if (this.#over) return;
      container.ready = false;
      const ended = this.#terminated(1);
      container.state = ended;
      const policy = textAt(this.#pod, "spec", "restartPolicy");
      this.#write(policy === "Never" ? "Failed" : "Running");
      if (policy === "Never") {
        this.#stop();
        return;
      }
      if (container.restarts > 0) {
        container.state = { waiting: { reason: "CrashLoopBackOff" } };
        container.lastState = ended;
        this.#write("Running");
      }
      await this.#node.pause(container.restarts === 0 ? 1000 : Math.min(5000 * 2 ** container.restarts, 300_000));
      if (this.#over) return;
      container.lastState = ended;
      container.restarts += 1;
    }
    await this.#node.pause(this.#services.timing.readyAfterMs);
    if (this.#over) return;
    container.ready = true;
    this.#write("Running");
  }

  /** A container may be ready for a moment before it crashes. */
  async #untilCrash(container: ContainerState): Promise<void> {
    const { crashAfterMs, readyAfterMs } = this.#services.timing;
    if (readyAfterMs < crashAfterMs) {
      await this.#node.pause(readyAfterMs);
      if (this.#over) return;
      container.ready = true;
      this.#write("Running");
    }
    await this.#node.pause(crashAfterMs - Math.min(readyAfterMs, crashAfterMs));
  }

  /** Starts a container once its environment can be resolved; undefined if the pod ended first. */
  async #launch(container: ContainerState): Promise<ContainerStart | undefined> {
    const lists = ["initContainers", "containers"].flatMap((key) => listAt(this.#pod, "spec", key));
    const spec = lists.filter(isObject).find((entry) => textAt(entry, "name") === container.name) ?? {};
    for (let told: string | undefined; !this.#over;) {
      const env = environment(this.#pod, spec, this.#services.secrets);
      if (env.ok) return this.#started(container, spec, env.value);
      // What stands there already need not be written at every try.
      if (env.problem !== told || this.#phase !== "Pending") {
        container.state = { waiting: { reason: "CreateContainerConfigError", message: env.problem } };
        this.#write("Pending");
        told = env.problem;
      }
      await this.#node.pause(10_000);
    }
    return undefined;
  }

  #started(container: ContainerState, spec: JsonObject, env: Record<string, string>): ContainerStart {
    const volumes = new Map([...this.#volumes, ...this.#driver.filesOf(uidOf(this.#pod))]);
    const labels = Object.entries(objectAt(this.#pod, "metadata", "labels")).map(([key]) => {
      return [key, textAt(this.#pod, "metadata", "labels", key)] as const;
    });
    const start: ContainerStart = {
      namespace: namespaceOf(this.#pod),
      pod: nameOf(this.#pod),
      podUid: uidOf(this.#pod),
      labels: Object.fromEntries(labels),
      node: this.#node.name,
      container: container.name,
      attempt: container.restarts,
      at: this.#services.timers.now(),
      env,
      files: visibleFiles(spec, volumes),
    };
    this.#services.record(start);
    container.state = { running: { startedAt: seconds(start.at) } };
    container.ran = true;
    this.#write(this.#containers.every(({ init, ran }) => init || ran) ? "Running" : "Pending");
    return start;
  }

  #stop(): void {
    this.#over = true;
    this.#syncs.stop();
  }

  #terminated(exitCode: number): JsonObject {
    const finishedAt = seconds(this.#services.timers.now());
    return { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", finishedAt } };
  }

  #write(phase: string): void {
    this.#phase = phase;
    const { store, timers } = this.#services;
    const now = store.find("Pod", namespaceOf(this.#pod), nameOf(this.#pod));
    if (now === undefined || uidOf(now) !== uidOf(this.#pod)) return;
    const status = podStatus(now, this.#containers, phase, timers.now());
    store.mergePatch("Pod", namespaceOf(now), nameOf(now), { status }, manager);
  }
}
