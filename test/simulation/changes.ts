/**
 * What happens in a world apart from the bridge: changes that may justify a restart (`causes`), and when somebody else
 * last touched what a proof is about.
 */

import { at, equal, textAt } from "../../local/cluster/json.ts";
import type { Json, JsonObject } from "../../local/cluster/json.ts";
import { keyOf, nameOf, namespaceOf } from "../../local/cluster/objects.ts";
import { Feeds } from "./feeds.ts";
import { mountsOf, readsOf, volumesOf } from "./pods.ts";
import type { BridgeCall, Sim } from "./sim.ts";

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;
const kinds = ["Secret", "SecretProviderClass", "Pod", "SecretProviderClassPodStatus", ...workloadKinds] as const;

export class Changes {
  readonly #sim: Sim;
  readonly #onWorkload: (spec: string) => void;
  readonly feeds: Feeds;
  /** When: versions, classes, Secrets and workloads that were changed by others. */
  readonly #causes = new Map<string, number>();
  readonly #foreign = new Map<string, number>();
  /** Calls that are taking effect: what changes of these objects is the bridge's own doing. */
  readonly #calls = new Map<string, number>();

  /** `onWorkload` gets the text of every new wish for a workload. */
  constructor(sim: Sim, onWorkload: (spec: string) => void) {
    this.#sim = sim;
    this.#onWorkload = onWorkload;
    this.feeds = new Feeds(sim.clock, sim.clusters.values());
    for (const cluster of sim.clusters.values()) {
      for (const kind of kinds) {
        const seen = new Map<string, JsonObject>();
        cluster.store.watch(kind, undefined, ({ type, object }) => {
          const before = seen.get(keyOf(object));
          if (type === "DELETED") seen.delete(keyOf(object));
          else seen.set(keyOf(object), object);
          this.#changed(kind, type === "DELETED", before, object);
        });
      }
    }
    sim.vault.onNewVersion(({ name }) => this.cause(ofObject(name)));
    sim.vault.onOtherChange((name) => this.cause(ofObject(name)));
  }

  begin(call: BridgeCall): void {
    this.#calls.set(callKey(call), call.at);
  }

  end(call: BridgeCall): void {
    this.#calls.delete(callKey(call));
  }

  /** When something of these that may justify a restart last happened; before time began if nothing did. */
  lastCause(of: Iterable<string>): number {
    return Math.max(0, ...[...of].map((what) => this.#causes.get(what) ?? 0));
  }

  /** When somebody else last changed it; of a pod also its mounts. */
  lastForeign(what: string): number {
    return this.#foreign.get(what) ?? 0;
  }

  /** All whose change may justify a restart of a workload with such pods. */
  behind(kind: string, namespace: string, name: string, template: JsonObject): ReadonlySet<string> {
    const { classes, secrets } = this.usesOf(namespace, template);
    return new Set([
      callKey({ kind, namespace, name }),
      ...classes.map((className) => callKey({ kind: "SecretProviderClass", namespace, name: className })),
      ...secrets.map((secret) => callKey({ kind: "Secret", namespace, name: secret })),
      ...classes.flatMap((className) => this.feeds.objectsOf(namespace, className).map(ofObject)),
    ]);
  }

  /** What such pods mount and read, and what has ever made that. */
  usesOf(namespace: string, template: JsonObject) {
    const secrets = [...readsOf(template).map(({ secret }) => secret), ...volumesOf(template)];
    const mounted = mountsOf(template).map(({ className }) => className);
    const making = secrets.flatMap((secret) => this.feeds.classesOf(namespace, secret));
    return { classes: [...new Set([...mounted, ...making])], secrets };
  }

  cause(what: string): void {
    const now = this.#sim.clock.now();
    this.#causes.set(what, now);
    this.#foreign.set(what, now);
  }

  #changed(kind: string, gone: boolean, before: JsonObject | undefined, object: JsonObject): void {
    const namespace = namespaceOf(object);
    const what = callKey({ kind, namespace, name: nameOf(object) });
    const ours = this.#calls.get(what) === this.#sim.clock.now();
    if (!ours) this.#foreign.set(what, this.#sim.clock.now());
    if (kind === "SecretProviderClass") this.#foreign.set(anyClassOf(namespace), this.#sim.clock.now());
    if (kind === "SecretProviderClassPodStatus")
      this.#foreign.set(
        callKey({ kind: "Pod", namespace, name: textAt(object, "status", "podName") }),
        this.#sim.clock.now(),
      );
    if (workloadKinds.some((one) => one === kind)) {
      if (before !== undefined && same(at(before, "spec"), at(object, "spec"))) return;
      this.#onWorkload(JSON.stringify(at(object, "spec") ?? null));
      if (!ours) this.cause(what);
    }
    if (kind === "SecretProviderClass" && (gone || !same(at(before, "spec"), at(object, "spec")))) this.cause(what);
    if (kind === "SecretProviderClassPodStatus" && before !== undefined && !this.#sim.shape.driverVisible) {
      // It had something else mounted. On 1.6 that went into the Secret, and who can't see the driver must suppose so.
      const name = textAt(object, "status", "secretProviderClassName");
      if (!same(at(before, "status", "objects"), at(object, "status", "objects")))
        this.cause(callKey({ kind: "SecretProviderClass", namespace, name }));
    }
    // It lost a value that was right, or came to be: pods may have started with something else.
    if (kind === "Secret" && !ours && (gone || !same(at(before, "data"), at(object, "data")))) this.cause(what);
  }
}

/** Of an object of the vault. */
export function ofObject(name: string): string {
  return `object/${name}`;
}

/** Of all classes of a namespace. */
export function anyClassOf(namespace: string): string {
  return `classes/${namespace}`;
}

export function callKey({ kind, namespace, name }: Pick<BridgeCall, "kind" | "namespace" | "name">): string {
  return `${kind}/${namespace}/${name}`;
}

/** Equal by content; what is absent equals null. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return equal(one ?? null, other ?? null);
}
