/**
 * What must hold at every step, whatever goes wrong (docs/architecture.md lists the laws; at-rest.ts has those of the
 * end). They are held against the clusters and the vault themselves, never against the bridge's own words.
 */

import { at, equal, isObject, objectAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { parsePod } from "../../shared/core/kubernetes/parse-pod.ts";
import { markerAnnotation, parseMarker } from "../../shared/core/marker.ts";
import { Changes } from "./changes.ts";
import type { BridgeCall, Said, Sim, Watcher } from "./sim.ts";
import { certificatesWith } from "./certificates.ts";
import { certificateName, objectBehind, objectNames, turningKey, vaultName } from "./names.ts";
import { livePods, ownPods, podsOf, readsOf } from "./pods.ts";
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

interface OurRestart {
  readonly at: number;
  /** When the look began that decided on it: what happened since, it had not seen. */
  readonly seenAt: number;
  /** How often for the same versions. */
  readonly again: number;
  readonly versions: ReadonlySet<string>;
}

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
  /** The live pods at that time: what came since, it had not seen. */
  readonly #podsSeen = new Map<string, readonly JsonObject[]>();
  readonly #looksAMinute = new Map<string, number>();
  /** Per workload: when the bridge last restarted it, and the versions that its markers have named. */
  readonly #templatesBefore = new Map<string, JsonObject>();
  readonly #restarts = new Map<string, OurRestart>();
  /** When the bridge last wrote each Secret, by `namespace/name`. */
  readonly #ownWrites = new Map<string, number>();
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
    if (content.includes("value-of-") || content.includes("PRIVATE KEY")) this.break(`${what} holds a value`);
  }

  break(law: string): void {
    const sentence = `${(this.#sim.elapsed / 1000).toFixed(1)} s: ${law}`;
    this.broken.push(sentence);
    this.#sim.note?.(`BROKEN ${law}`);
  }

  #look({ instance, namespace, at: now }: BridgeCall): void {
    this.#looks.set(`${instance}/${namespace}`, now);
    this.#podsSeen.set(`${instance}/${namespace}`, livePods(this.#sim, namespace));
    const minute = `${instance}/${namespace}/${Math.floor(now / 60_000)}`;
    const looks = (this.#looksAMinute.get(minute) ?? 0) + 1;
    this.#looksAMinute.set(minute, looks);
    if (looks === mostLooksAMinute) this.break(`instance ${instance} looks at ${namespace} all the time`);
  }

  #read({ namespace, name, at: now }: BridgeCall): void {
    const data = objectAt(this.#sim.clusterOf(namespace).store.find("Secret", namespace, name), "data");
    for (const [key, base64] of Object.entries(data)) {
      if (typeof base64 !== "string") continue;
      const place = `${namespace}/${name}/${key}`;
      const ofKey = this.#sim.seen.get(place) ?? new Map<string, number>();
      this.#sim.seen.set(place, ofKey.set(base64, now));
    }
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
      this.#ownWrites.set(`${namespace}/${name}`, call.at);
      // Who reads all keys has not got this one.
      if (old === "") this.#changes.cause(namespace);
      const turning = key === turningKey;
      const object = turning ? objectIn(text(base64)) : objectBehind(key);
      // Which of two objects a class feeds a key with is its owner's choice, and no order of versions.
      if (turning && old !== "" && objectIn(text(old)) !== object) continue;
      if (!isOf(object, text(base64))) {
        this.break(`${told(call)}: ${key} holds bytes of no version`);
        continue;
      }
      const newest = this.#versionsWith(object, text(base64)).at(-1);
      const had = this.#versionsWith(object, text(old))[0];
      // Of two versions of one second nobody can tell which is the newer one; Key Vault itself gives them in any order.
      const older = newest !== undefined && had !== undefined && newest.createdOn < had.createdOn;
      if (older && !this.#sim.pinned(namespace, object))
        this.break(`${told(call)}: ${key} goes from version ${had.version} back to ${newest.version}`);
    }
  }

  /** The versions from which these bytes can have been made. */
  #versionsWith(object: string, bytes: string) {
    const values = object === certificateName ? certificatesWith(bytes) : [bytes];
    return this.#sim.vault.versions(vaultName, object).filter(({ value }) => values.includes(value));
  }

  /**
   * Never without a version that is new to the workload, something that changed since its pods (or the bridge's last
   * restart), or a pod that really runs with something else.
   */
  #restarted(call: BridgeCall): void {
    const { instance, namespace, kind, name, at: now } = call;
    if (!isWorkload(kind)) return;
    const key = `${kind}/${namespace}/${name}`;
    const template = this.#template(call);
    // A webhook may have taken the marker out again: nothing was restarted.
    if (equal(template, this.#templatesBefore.get(key) ?? {})) return;
    const marker = parseMarker(textAt(template, "metadata", "annotations", markerAnnotation));
    const named = [...marker.entries].map(([object, { version }]) => `${object}=${version}`);
    const before = this.#restarts.get(key);
    const isNew = before === undefined || named.some((version) => !before.versions.has(version));
    const anew = isNew || this.#changes.lastCause(namespace) >= before.seenAt ? 1 : before.again + 1;
    const seenAt = this.#looks.get(`${instance}/${namespace}`) ?? now;
    const versions = new Set([...(before?.versions ?? []), ...named]);
    this.#restarts.set(key, { at: now, seenAt, again: anew, versions });
    if (anew > mostRestarts) this.break(`${told(call)}: restarted ${anew} times for the same versions`);
    if (before !== undefined && isNew) return;
    const pods = podsOf(this.#sim, namespace, kind, name);
    const born = bornAt(pods);
    // The look may have waited long for the vault, and pods that it had seen may be gone.
    const seen = ownPods(this.#podsSeen.get(`${instance}/${namespace}`) ?? [], kind, name);
    const since = before?.seenAt ?? Math.min(...born, ...bornAt(seen));
    // A person's word, `rotate`, is for what nothing proves and for what was undone, of the objects that they named; one
    // restart a word. Pods that came after it (an undo, while it was being carried out) are as unproven.
    const asked = [...marker.entries.keys()].map((object) => this.#sim.askedAt.get(object) ?? 0);
    if (Math.max(0, ...asked) > (before?.at ?? 0)) return;
    if (this.#changes.lastCause(namespace) >= since || this.#sim.lagUntil >= since) return;
    if (workloadUntruth(this.#sim, namespace, kind, name) !== undefined) return;
    // Pods that somebody else started are proven by our write's time, which a write of the Secret's other keys moves. In
    // whole seconds and with a kubelet's cache between, nothing proves who started within two seconds of it.
    const proven = (pod: JsonObject, wroteAt: number) => {
      const { createdAt, lastStartedAt = createdAt } = parsePod(pod);
      return createdAt > wroteAt && lastStartedAt >= Math.floor(wroteAt / 1000) * 1000 + 2000;
    };
    const moved = pods.some((pod) =>
      readsOf(pod).some(({ secret }) => !proven(pod, this.#ownWrites.get(`${namespace}/${secret}`) ?? 0)),
    );
    if (moved && Math.min(...born) >= (before?.at ?? 0)) return;
    this.break(`${told(call)}: restarted although nothing had changed`);
  }

  #template({ kind, namespace, name }: BridgeCall): JsonObject {
    if (!isWorkload(kind)) return {};
    return objectAt(this.#sim.clusterOf(namespace).store.find(kind, namespace, name), "spec", "template");
  }
}

function bornAt(pods: readonly JsonObject[]): readonly number[] {
  return pods.map((pod) => Date.parse(textAt(pod, "metadata", "creationTimestamp")));
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

/** Of which object such bytes are; see `valueOf`. */
function objectIn(bytes: string): string {
  return objectNames.find((object) => isOf(object, bytes)) ?? "";
}

/** Made of a version that the vault has or had; see `valueOf`. */
function isOf(object: string, bytes: string): boolean {
  if (object === certificateName) return certificatesWith(bytes).length > 0;
  return /^value-of-[a-z]+-([a-z]+)-\d+-9f3c$/.exec(bytes)?.[1] === object;
}
