/**
 * What happens in a world apart from the bridge: changes that may justify a restart (`causes`), and when somebody else
 * last touched what a proof is about.
 */

import { at, equal } from "../../local/cluster/json.ts";
import type { Json, JsonObject } from "../../local/cluster/json.ts";
import { keyOf, nameOf, namespaceOf } from "../../local/cluster/objects.ts";
import type { BridgeCall, Sim } from "./sim.ts";

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;
const kinds = ["Secret", "SecretProviderClass", "Pod", "SecretProviderClassPodStatus", ...workloadKinds] as const;

export class Changes {
  readonly #sim: Sim;
  readonly #onWorkload: (spec: string) => void;
  /** Per namespace, when: versions, classes, Secrets and workloads that were changed by others. */
  readonly #causes = new Map<string, number>();
  readonly #foreign = new Map<string, number>();
  /** Calls that are taking effect: what changes of these objects is the bridge's own doing. */
  readonly #calls = new Map<string, number>();

  /** `onWorkload` gets the text of every new wish for a workload. */
  constructor(sim: Sim, onWorkload: (spec: string) => void) {
    this.#sim = sim;
    this.#onWorkload = onWorkload;
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
    const everywhere = () => {
      for (const { namespace } of sim.shape.spaces) this.cause(namespace);
    };
    sim.vault.onNewVersion(everywhere);
    sim.vault.onOtherChange(everywhere);
  }

  begin(call: BridgeCall): void {
    this.#calls.set(callKey(call), call.at);
  }

  end(call: BridgeCall): void {
    this.#calls.delete(callKey(call));
  }

  /** When something that may justify a restart last happened; before time began if nothing did. */
  lastCause(namespace: string): number {
    return this.#causes.get(namespace) ?? 0;
  }

  /** When somebody else last changed anything of the namespace. */
  lastForeign(namespace: string): number {
    return this.#foreign.get(namespace) ?? 0;
  }

  cause(namespace: string): void {
    const now = this.#sim.clock.now();
    this.#causes.set(namespace, now);
    this.#foreign.set(namespace, now);
  }

  #changed(kind: string, gone: boolean, before: JsonObject | undefined, object: JsonObject): void {
    const namespace = namespaceOf(object);
    const ours = this.#calls.get(callKey({ kind, namespace, name: nameOf(object) })) === this.#sim.clock.now();
    if (!ours) this.#foreign.set(namespace, this.#sim.clock.now());
    if (workloadKinds.some((one) => one === kind)) {
      if (before !== undefined && same(at(before, "spec"), at(object, "spec"))) return;
      this.#onWorkload(JSON.stringify(at(object, "spec") ?? null));
      if (!ours) this.cause(namespace);
    }
    if (kind === "SecretProviderClass" && (gone || !same(at(before, "spec"), at(object, "spec"))))
      this.cause(namespace);
    if (kind === "SecretProviderClassPodStatus" && before !== undefined && !this.#sim.shape.driverVisible) {
      // It had something else mounted. On 1.6 that went into the Secret, and who can't see the driver must suppose so.
      if (!same(at(before, "status", "objects"), at(object, "status", "objects"))) this.cause(namespace);
    }
    // It lost a value that was right, or came to be: pods may have started with something else.
    if (kind === "Secret" && !ours && (gone || !same(at(before, "data"), at(object, "data")))) this.cause(namespace);
  }
}

function callKey({ kind, namespace, name }: Pick<BridgeCall, "kind" | "namespace" | "name">): string {
  return `${kind}/${namespace}/${name}`;
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return equal(one ?? null, other ?? null);
}
