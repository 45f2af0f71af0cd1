/**
 * What must hold at every step, whatever goes wrong (docs/architecture.md lists the laws; at-rest.ts has those of the
 * end). They are held against the clusters and the vault themselves, never against the bridge's own words.
 */

import { objectAt } from "../../local/cluster/json.ts";
import { isWorkload, told, whatOf } from "./calls.ts";
import { anyClassOf, callKey, Changes, ofObject } from "./changes.ts";
import { Looks } from "./looks.ts";
import { RestartLaw } from "./restart-law.ts";
import type { BridgeCall, Said, Sim, Watcher } from "./sim.ts";
import { untruth } from "./truth.ts";
import { WriteLaw } from "./write-law.ts";

export interface LastWord {
  readonly outcome: string;
  readonly reason: string;
  readonly about: readonly string[];
  readonly at: number;
}

/** Which driver a cluster has is read from there, where anybody may look. */
const driversOwn = "get DaemonSet kube-system/aks-secrets-store-csi-driver";

export class Laws implements Watcher {
  readonly broken: string[] = [];
  /** The last word on each class: `namespace/class`, `namespace/*` for the whole target. */
  readonly lastWords = new Map<string, LastWord>();
  /** Checks of `converged` that nothing could have blurred. */
  certain = 0;
  readonly #sim: Sim;
  readonly #changes: Changes;
  readonly #looks: Looks;
  readonly #writes: WriteLaw;
  readonly #restarts: RestartLaw;

  constructor(sim: Sim) {
    const broken = (law: string) => this.break(law);
    this.#sim = sim;
    this.#changes = new Changes(sim, (spec) => this.noValueIn("a workload", spec));
    this.#looks = new Looks(sim, broken);
    this.#writes = new WriteLaw(sim, this.#changes, this.#looks, broken);
    this.#restarts = new RestartLaw(sim, this.#changes, this.#looks, this.#writes, broken);
  }

  said({ at: when, instance, event, fields }: Said): void {
    this.noValueIn("a log line", JSON.stringify(fields));
    if (event !== "outcome") return;
    const [, namespace = ""] = String(fields["target"]).split("/");
    const name = String(fields["class"]);
    const outcome = String(fields["outcome"]);
    const reason = String(fields["reason"] ?? "");
    this.#sim.tally.add(`outcome ${outcome}`);
    this.lastWords.set(`${namespace}/${name}`, { outcome, reason, about: texts(fields["about"]), at: when });
    if (reason === "unexpected") this.break(`unexpected: ${JSON.stringify(fields["about"])}`);
    if (outcome !== "converged") return;
    const began = this.#looks.began({ instance, namespace }) ?? when;
    if (this.#isBlurred(namespace, name, began)) return;
    const wrong = untruth(this.#sim, namespace, name, {
      began,
      lastChange: (kind, one) => this.#changes.lastForeign(callKey({ kind, namespace, name: one })),
      pods: this.#looks.podsSeen({ instance, namespace }),
    });
    this.certain += 1;
    if (wrong !== undefined) this.break(`converged is said of ${namespace}/${name}, but ${wrong}`);
  }

  calling(call: BridgeCall): void {
    const { verb, kind, namespace } = call;
    const space = this.#sim.space(namespace);
    if (kind === "Secret" && verb === "list") this.break(`${told(call)}: Secrets must not be listed`);
    const isMapped = space?.mapped === true && space.cluster === call.cluster;
    if (namespace !== "" && !isMapped && whatOf(call) !== driversOwn) this.break(`${told(call)}: outside the map`);
    if (verb === "list" && kind === "SecretProviderClass" && space !== undefined) {
      this.#looks.begin(call);
      this.#sim.reads.over(call);
    }
    if (verb !== "patch") return;
    this.#sim.reads.over(call);
    this.#changes.begin(call);
    const { mode } = this.#sim.shape;
    if (space !== undefined && !space.flows && kind === "Secret")
      this.break(`${told(call)}: the vault may not flow there`);
    this.#restarts.restarting(call);
    this.#writes.writing(call);
    if (mode !== "act") this.break(`${told(call)}: nothing may be written (${mode})`);
  }

  called(call: BridgeCall): void {
    if (call.verb === "get" && call.kind === "Secret") this.#read(call);
    if (call.verb !== "patch") return;
    this.#changes.end(call);
    if (call.kind === "Secret") this.#writes.written(call);
    else if (isWorkload(call.kind)) this.#restarts.restarted(call);
  }

  /** When somebody else last changed what this workload is to be: what Reloader does at a flip of a Secret, too. */
  lastChangeByOthers(kind: string, namespace: string, name: string): number {
    return this.#changes.lastCause([callKey({ kind, namespace, name })]);
  }

  noValueIn(what: string, content: string): void {
    if (content.includes("value-of-") || content.includes("PRIVATE KEY")) this.break(`${what} holds a value`);
  }

  break(law: string): void {
    const sentence = `${(this.#sim.elapsed / 1000).toFixed(1)} s: ${law}`;
    this.broken.push(sentence);
    this.#sim.note?.(`BROKEN ${law}`);
  }

  /** May what the class renders have changed since then? */
  #isBlurred(namespace: string, className: string, began: number): boolean {
    const objects = this.#changes.feeds.objectsOf(namespace, className);
    const changed = [anyClassOf(namespace), ...objects.map(ofObject)].map((what) => this.#changes.lastForeign(what));
    return Math.max(...changed, this.#sim.laggedUntil(objects)) >= began;
  }

  #read(call: BridgeCall): void {
    const { namespace, name, at: now } = call;
    const data = objectAt(this.#sim.clusterOf(namespace).store.find("Secret", namespace, name), "data");
    for (const [key, bytes] of Object.entries(data))
      if (typeof bytes === "string")
        this.#sim.reads.read(call, { place: `${namespace}/${name}/${key}`, bytes, at: now });
  }
}

function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}
