/**
 * What must hold at every step, whatever goes wrong (docs/architecture.md lists the laws; at-rest.ts has those of the
 * end). They are held against the clusters and the vault themselves, never against the bridge's own words.
 */

import { at, canonical, isObject, objectAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { markerAnnotation, parseMarker } from "../../shared/core/marker.ts";
import { Changes } from "./changes.ts";
import type { BridgeCall, Said, Sim, Watcher } from "./sim.ts";
import { vaultName } from "./names.ts";
import { podsOf } from "./pods.ts";
import { untruth, workloadUntruth } from "./truth.ts";

export interface LastWord {
  readonly outcome: string;
  readonly reason: string;
  readonly at: number;
}

/** A poll of a rollout is 1.5 s, a conflict is tried again after 0.1 s for 20 times at the most. */
const mostLooksAMinute = 150;

/** For the same versions, with nothing changed in between. */
const mostRestarts = 3;

export class Laws implements Watcher {
  readonly broken: string[] = [];
  /** The last word on each class: `namespace/class`, `namespace/*` for the whole target. */
  readonly lastWords = new Map<string, LastWord>();
  /** Checks of `converged` that nothing could have blurred. */
  certain = 0;
  readonly #sim: Sim;
  readonly #changes: Changes;
  /** Per instance and namespace: when its present look began. */
  readonly #looks = new Map<string, number>();
  readonly #looksAMinute = new Map<string, number>();
  /** Per workload: when the bridge last restarted it, and the versions that its markers have named. */
  readonly #templatesBefore = new Map<string, JsonObject>();
  readonly #restarts = new Map<string, { at: number; readonly versions: Set<string>; again: number }>();
  /** What the Secrets of calls that are taking effect held before, by `namespace/name`. */
  readonly #secretsBefore = new Map<string, JsonObject | undefined>();

  constructor(sim: Sim) {
    this.#sim = sim;
    this.#changes = new Changes(sim, (spec) => this.noValueIn("a workload", spec));
  }

  said({ at: when, instance, event, fields }: Said): void {
    this.noValueIn("a log line", JSON.stringify(fields));
    if (event !== "outcome") return;
    const [, namespace = ""] = String(fields["target"]).split("/");
    const name = String(fields["class"]);
    const outcome = String(fields["outcome"]);
    const reason = String(fields["reason"] ?? "");
    this.#sim.tally.add(`outcome ${outcome}`);
    this.lastWords.set(`${namespace}/${name}`, { outcome, reason, at: when });
    if (reason === "unexpected") this.break(`unexpected: ${JSON.stringify(fields["about"])}`);
    if (outcome !== "converged") return;
    const began = this.#looks.get(`${instance}/${namespace}`) ?? when;
    if (this.#changes.lastForeign(namespace) >= began || this.#sim.lagUntil >= began) return;
    const wrong = untruth(this.#sim, namespace, name);
    this.certain += 1;
    if (wrong !== undefined) this.break(`converged is said of ${namespace}/${name}, but ${wrong}`);
  }

  calling(call: BridgeCall): void {
    const { verb, kind, namespace, name } = call;
    const space = this.#sim.space(namespace);
    if (kind === "Secret" && verb === "list") this.break(`${told(call)}: Secrets must not be listed`);
    if (space !== undefined && !space.mapped) this.break(`${told(call)}: outside the map`);
    if (verb === "list" && kind === "SecretProviderClass" && space !== undefined) this.#look(call);
    if (verb !== "patch") return;
    this.#changes.begin(call);
    const { mode } = this.#sim.shape;
    if (space !== undefined && !space.flows && kind === "Secret")
      this.break(`${told(call)}: the vault may not flow there`);
    if (isWorkload(kind)) this.#templatesBefore.set(`${kind}/${namespace}/${name}`, this.#template(call));
    if (mode !== "act") this.break(`${told(call)}: nothing may be written (${mode})`);
    if (kind === "Secret")
      this.#secretsBefore.set(`${namespace}/${name}`, this.#sim.clusterOf(namespace).store.find(kind, namespace, name));
  }

  called(call: BridgeCall): void {
    if (call.verb === "get" && call.kind === "Secret") this.#read(call);
    if (call.verb !== "patch") return;
    this.#changes.end(call);
    if (call.kind === "Secret") this.#written(call);
    else if (call.kind !== "SecretProviderClassPodStatus") this.#restarted(call);
  }

  noValueIn(what: string, content: string): void {
    if (content.includes("value-of-")) this.break(`${what} holds a value`);
  }

  break(law: string): void {
    const sentence = `${(this.#sim.elapsed / 1000).toFixed(1)} s: ${law}`;
    this.broken.push(sentence);
    this.#sim.note?.(`BROKEN ${law}`);
  }

  #look({ instance, namespace, at: now }: BridgeCall): void {
    this.#looks.set(`${instance}/${namespace}`, now);
    const minute = `${instance}/${namespace}/${Math.floor(now / 60_000)}`;
    const looks = (this.#looksAMinute.get(minute) ?? 0) + 1;
    this.#looksAMinute.set(minute, looks);
    if (looks === mostLooksAMinute) this.break(`instance ${instance} looks at ${namespace} all the time`);
  }

  #read({ namespace, name, at: now }: BridgeCall): void {
    const data = objectAt(this.#sim.clusterOf(namespace).store.find("Secret", namespace, name), "data");
    for (const [key, base64] of Object.entries(data))
      if (typeof base64 === "string") this.#sim.seen.set(`${namespace}/${name}/${key}=${base64}`, now);
  }

  /** Only bytes of a version of the object behind the key that the vault has or had, and never older than what is there. */
  #written(call: BridgeCall): void {
    const { namespace, name } = call;
    const before = this.#secretsBefore.get(`${namespace}/${name}`) ?? {};
    const data = at(this.#sim.clusterOf(namespace).store.find("Secret", namespace, name), "data");
    if (!isObject(data)) return;
    for (const [key, base64] of Object.entries(data)) {
      const old = textAt(before, "data", key);
      if (old === base64) continue;
      // Who reads all keys has not got this one.
      if (old === "") this.#changes.cause(namespace);
      const written = versionOf(text(base64));
      if (written === undefined || key !== `k-${written.object}`) {
        this.break(`${told(call)}: ${key} holds bytes of no version`);
        continue;
      }
      const had = versionOf(text(old));
      const older = had !== undefined && had.object === written.object && this.#isOlder(text(base64), text(old));
      if (older && !this.#sim.pinned(namespace, written.object))
        this.break(`${told(call)}: ${key} goes from version ${had.counter} back to ${written.counter}`);
    }
  }

  /** Of two versions of one second nobody can tell which is the newer one; Key Vault itself gives them in any order. */
  #isOlder(value: string, than: string): boolean {
    const object = versionOf(value)?.object ?? "";
    const createdOn = (wanted: string) =>
      this.#sim.vault.versions(vaultName, object).find((one) => one.value === wanted)?.createdOn;
    const [own, other] = [createdOn(value), createdOn(than)];
    return own !== undefined && other !== undefined && own < other;
  }

  /**
   * Never without a version that is new to the workload, something that changed since its pods (or the bridge's last
   * restart), or a pod that really runs with something else.
   */
  #restarted(call: BridgeCall): void {
    const { namespace, kind, name, at: now } = call;
    if (!isWorkload(kind)) return;
    const key = `${kind}/${namespace}/${name}`;
    const template = this.#template(call);
    // A webhook may have taken the marker out again: nothing was restarted.
    if (canonical(template) === canonical(this.#templatesBefore.get(key) ?? {})) return;
    const marker = parseMarker(textAt(template, "metadata", "annotations", markerAnnotation));
    const named = [...marker.entries].map(([object, { version }]) => `${object}=${version}`);
    const before = this.#restarts.get(key);
    const isNew = before === undefined || named.some((version) => !before.versions.has(version));
    const anew = isNew || this.#changes.lastCause(namespace) >= before.at ? 1 : before.again + 1;
    this.#restarts.set(key, { at: now, again: anew, versions: new Set([...(before?.versions ?? []), ...named]) });
    if (anew > mostRestarts) this.break(`${told(call)}: restarted ${anew} times for the same versions`);
    if (before !== undefined && isNew) return;
    const born = podsOf(this.#sim, namespace, kind, name).map((pod) =>
      Date.parse(textAt(pod, "metadata", "creationTimestamp")),
    );
    const since = before?.at ?? Math.min(...born);
    if (this.#changes.lastCause(namespace) >= since || this.#sim.lagUntil >= since) return;
    if (workloadUntruth(this.#sim, namespace, kind, name) !== undefined) return;
    this.break(`${told(call)}: restarted although nothing had changed`);
  }

  #template({ kind, namespace, name }: BridgeCall): JsonObject {
    if (!isWorkload(kind)) return {};
    return objectAt(this.#sim.clusterOf(namespace).store.find(kind, namespace, name), "spec", "template");
  }
}

function isWorkload(kind: string): kind is "Deployment" | "StatefulSet" | "DaemonSet" {
  return kind === "Deployment" || kind === "StatefulSet" || kind === "DaemonSet";
}

function told({ verb, kind, namespace, name, instance }: BridgeCall): string {
  return `${verb} ${kind} ${namespace}/${name} by instance ${instance}`;
}

function text(base64: unknown): string {
  return typeof base64 === "string" ? Buffer.from(base64, "base64").toString() : "";
}

/** See `valueOf`. */
function versionOf(value: string): { readonly object: string; readonly counter: number } | undefined {
  const [, object = "", counter = ""] = /^value-of-[a-z]+-([a-z]+)-(\d+)-9f3c$/.exec(value) ?? [];
  return object === "" ? undefined : { object, counter: Number(counter) };
}
