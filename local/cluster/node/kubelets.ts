/** The nodes' kubelets and the scheduler that gives them pods. */

import { listAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { controllerOf, isDeleting, nameOf, namespaceOf, uidOf, withCondition } from "../objects.ts";
import { hasEnded, isReady } from "../pods.ts";
import { seconds } from "../times.ts";
import { WorkQueue } from "../work-queue.ts";
import type { CsiDriver } from "../csi/driver.ts";
import type { Node } from "./node.ts";
import { PodRun } from "./pod-run.ts";
import type { NodeServices } from "./node-services.ts";

/** A node with its driver. */
export interface Machine {
  readonly node: Node;
  readonly driver: CsiDriver;
}

const scheduler = { fieldManager: "kube-scheduler" };
/** Time until the control plane takes a silent node's pods for not ready, and until it evicts them. */
const notReadyMs = 40_000;
const evictMs = 300_000;

export class Kubelets {
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #services: NodeServices;
  readonly #runs = new Map<string, { readonly run: PodRun; ending: boolean }>();
  readonly #unschedulable: (pod: JsonObject) => boolean;

  constructor(machines: readonly Machine[], services: NodeServices, unschedulable: (pod: JsonObject) => boolean) {
    this.#machines = new Map(machines.map((machine) => [machine.node.name, machine]));
    this.#services = services;
    this.#unschedulable = unschedulable;
    const queue = new WorkQueue(services.timers, 5, (key) => {
      const [namespace = "", name = ""] = key.split("/");
      const pod = services.store.find("Pod", namespace, name);
      if (pod !== undefined && this.#schedule(pod)) queue.addAfter(key, 5000);
    });
    services.store.watch("Pod", undefined, ({ type, object }) => {
      const node = textAt(object, "spec", "nodeName");
      if (type === "DELETED") this.#forget(object);
      else if (node !== "") this.#care(object, node);
      else queue.add(`${namespaceOf(object)}/${nameOf(object)}`);
    });
  }

  /** The processes of a pod end with success. */
  finish(pod: JsonObject): void {
    this.#runs.get(uidOf(pod))?.run.finish();
  }

  /** The node stops answering: its pods turn not ready after 40 s and are evicted after 5 min, but never go. */
  loseNode(name: string): void {
    const machine = this.#machines.get(name);
    if (machine === undefined || machine.node.lost) return;
    machine.node.lose();
    const { timers, store } = this.#services;
    const podsHere = (): readonly JsonObject[] =>
      store.list("Pod").items.filter((pod) => textAt(pod, "spec", "nodeName") === name && !hasEnded(pod));
    timers.after(notReadyMs, () => {
      if (machine.node.lost)
        podsHere()
          .filter(isReady)
          .forEach((pod) => this.#markNotReady(pod));
    });
    timers.after(evictMs, () => {
      if (!machine.node.lost) return;
      for (const pod of podsHere()) {
        if (controllerOf(pod)?.["kind"] !== "DaemonSet") store.delete("Pod", namespaceOf(pod), nameOf(pod));
      }
    });
  }

  recoverNode(name: string): void {
    this.#machines.get(name)?.node.recover();
    for (const pod of this.#services.store.list("Pod").items) {
      if (textAt(pod, "spec", "nodeName") === name) this.#runs.get(uidOf(pod))?.run.report();
    }
  }

  /** Binds a pod to the node with the fewest; true if it must be tried again later. */
  #schedule(pod: JsonObject): boolean {
    if (textAt(pod, "spec", "nodeName") !== "" || isDeleting(pod)) return false;
    const { store, timers } = this.#services;
    const up = [...this.#machines.values()].filter(({ node }) => !node.lost);
    const load = new Map(up.map(({ node }) => [node.name, 0]));
    for (const { run } of this.#runs.values()) {
      const count = load.get(run.node);
      if (count !== undefined) load.set(run.node, count + 1);
    }
    const chosen = [...load].sort(([, a], [, b]) => a - b)[0]?.[0];
    const fits = chosen !== undefined && !this.#unschedulable(pod);
    const entry = {
      type: "PodScheduled",
      status: fits ? "True" : "False",
      reason: fits ? "" : "Unschedulable",
      message: "",
    };
    const conditions = withCondition(listAt(pod, "status", "conditions"), entry, seconds(timers.now()));
    const status = { conditions };
    store.mergePatch("Pod", namespaceOf(pod), nameOf(pod), { status }, { ...scheduler, subresource: "status" });
    if (!fits) return true;
    store.mergePatch("Pod", namespaceOf(pod), nameOf(pod), { spec: { nodeName: chosen } }, scheduler);
    return false;
  }

  #care(pod: JsonObject, nodeName: string): void {
    const machine = this.#machines.get(nodeName);
    if (machine === undefined) return;
    const known = this.#runs.get(uidOf(pod)) ?? {
      run: new PodRun(pod, machine.node, machine.driver, this.#services),
      ending: false,
    };
    if (!this.#runs.has(uidOf(pod))) {
      this.#runs.set(uidOf(pod), known);
      if (!isDeleting(pod) && !hasEnded(pod)) void known.run.start();
    }
    known.run.changed(pod);
    if (isDeleting(pod) && !known.ending) {
      known.ending = true;
      void known.run.end();
    }
  }

  #forget(pod: JsonObject): void {
    this.#runs.get(uidOf(pod))?.run.gone();
    this.#runs.delete(uidOf(pod));
  }

  #markNotReady(pod: JsonObject): void {
    const { store, timers } = this.#services;
    const entry = { type: "Ready", status: "False", reason: "NodeNotReady", message: "" };
    const conditions = withCondition(listAt(pod, "status", "conditions"), entry, seconds(timers.now()));
    const manager = { fieldManager: "kube-controller-manager", subresource: "status" } as const;
    store.mergePatch("Pod", namespaceOf(pod), nameOf(pod), { status: { conditions } }, manager);
  }
}
