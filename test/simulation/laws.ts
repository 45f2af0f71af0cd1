/**
 * What must hold at every step, whatever goes wrong (docs/architecture.md lists the laws; at-rest.ts has those of the
 * end). They are held against the clusters and the vault themselves, never against the bridge's own words.
 */

import { at, equal, isObject, objectAt, textAt } from "../../local/cluster/json.ts";
import type { Json, JsonObject } from "../../local/cluster/json.ts";
import { parsePod } from "../../shared/core/kubernetes/parse-pod.ts";
import { markerAnnotation, parseMarker } from "../../shared/core/marker.ts";
import { restartPolicyOf } from "../../shared/core/policy.ts";
import type { ClassObject } from "../../shared/core/provider-class.ts";
import { policyFor } from "../../shared/core/rotation-map.ts";
import { anyClassOf, callKey, Changes, ofObject } from "./changes.ts";
import type { BridgeCall, Said, Sim, Watcher } from "./sim.ts";
import { certificatesWith } from "./certificates.ts";
import { certificateName, vaultName } from "./names.ts";
import { livePods, ownPods, podsOf, readsOf, volumesOf } from "./pods.ts";
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

/** Which driver a cluster has is read from there, where anybody may look. */
const driversOwn = "get DaemonSet kube-system/aks-secrets-store-csi-driver";

interface OurRestart {
  readonly at: number;
  /** When the look began that decided on it: what happened since, it had not seen. */
  readonly seenAt: number;
  /** How often for the same versions. */
  readonly again: number;
  readonly versions: ReadonlySet<string>;
  /** Where a webhook took ours out together with an older one, hardly anything proves its pods: one more is due. */
  readonly isMarked: boolean;
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
  /** The keys that it has ever written: `namespace/name/key`. */
  readonly #ownKeys = new Set<string>();
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
    if (this.#isBlurred(namespace, name, began)) return;
    const wrong = untruth(this.#sim, namespace, name, {
      began,
      lastChange: (kind, one) => this.#changes.lastForeign(callKey({ kind, namespace, name: one })),
    });
    this.certain += 1;
    if (wrong !== undefined) this.break(`converged is said of ${namespace}/${name}, but ${wrong}`);
  }

  calling(call: BridgeCall): void {
    const { verb, kind, namespace, name } = call;
    const space = this.#sim.space(namespace);
    if (kind === "Secret" && verb === "list") this.break(`${told(call)}: Secrets must not be listed`);
    const isMapped = space?.mapped === true && space.cluster === call.cluster;
    if (namespace !== "" && !isMapped && whatOf(call) !== driversOwn) this.break(`${told(call)}: outside the map`);
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

  /** May what the class renders have changed since then? */
  #isBlurred(namespace: string, className: string, began: number): boolean {
    const objects = this.#changes.feeds.objectsOf(namespace, className);
    const changed = [anyClassOf(namespace), ...objects.map(ofObject)].map((what) => this.#changes.lastForeign(what));
    return Math.max(...changed, this.#sim.laggedUntil(objects)) >= began;
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

  /**
   * Only keys that a class feeds, only bytes of a version that it feeds them with (since the look began: of the pinned
   * one, or of one that was current), and never older than what is there. Nothing else of the Secret changes.
   */
  #written(call: BridgeCall): void {
    const { namespace, name } = call;
    const before = this.#secretsBefore.get(`${namespace}/${name}`) ?? {};
    const after = this.#sim.clusterOf(namespace).store.find("Secret", namespace, name);
    const data = at(after, "data");
    if (!isObject(data)) return;
    for (const part of ["labels", "annotations", "ownerReferences"])
      if (!same(at(before, "metadata", part), at(after, "metadata", part)))
        this.break(`${told(call)}: its ${part} have changed`);
    for (const key of Object.keys(objectAt(before, "data")))
      if (!(key in data)) this.break(`${told(call)}: ${key} is gone`);
    const began = this.#looks.get(`${call.instance}/${namespace}`) ?? 0;
    for (const [key, base64] of Object.entries(data)) {
      const old = textAt(before, "data", key);
      if (old === base64) continue;
      this.#ownWrites.set(`${namespace}/${name}`, call.at);
      this.#ownKeys.add(`${namespace}/${name}/${key}`);
      // Who reads all keys has not got this one.
      if (old === "") this.#changes.cause(callKey(call));
      const fed = this.#changes.feeds.of(namespace, name, key, began);
      const fitting = fed.flatMap((feed) =>
        this.#fitting(feed, text(base64), began).map((version) => ({ feed, version })),
      );
      if (fitting.length === 0) {
        this.break(`${told(call)}: ${key} holds bytes of no version that it is fed with`);
        continue;
      }
      // A pin goes where its owner says, and which of two objects feeds a key is no order of versions.
      const isRight = fitting.some(({ feed, version }) => {
        const had = feed.pin === undefined ? this.#versionsWith(feed.object.name, text(old))[0] : undefined;
        // Of two versions of one second nobody can tell which is the newer one; Key Vault itself gives them in any order.
        return had === undefined || version.createdOn >= had.createdOn;
      });
      if (!isRight) this.break(`${told(call)}: ${key} goes back to version ${fitting.at(-1)?.version.version}`);
    }
  }

  /** The versions from which the bridge may have made these bytes for what feeds a key. */
  #fitting({ object, pin }: ClassObject, bytes: string, began: number) {
    if (object.vault !== vaultName) return [];
    const ever = this.#sim.vault.everVersions(vaultName, object.name);
    return this.#versionsWith(object.name, bytes).filter((version) => {
      if (pin !== undefined) return version.version === pin;
      const next = ever[ever.indexOf(version) + 1];
      // Versions have whole seconds.
      return next === undefined || next.createdOn + 1000 >= began || this.#sim.laggedUntil([object.name]) >= began;
    });
  }

  /** The versions from which these bytes can have been made. */
  #versionsWith(object: string, bytes: string) {
    const values = object === certificateName ? certificatesWith(bytes) : [bytes];
    return this.#sim.vault.everVersions(vaultName, object).filter(({ value }) => values.includes(value));
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
    if (!same(unmarked(template), unmarked(this.#templatesBefore.get(key) ?? {})))
      this.break(`${told(call)}: more than the marker has changed`);
    const marker = parseMarker(textAt(template, "metadata", "annotations", markerAnnotation));
    const named = [...marker.entries].map(([object, { version }]) => `${object}=${version}`);
    const before = this.#restarts.get(key);
    const isNew = before === undefined || named.some((version) => !before.versions.has(version));
    const causes = this.#changes.behind(kind, namespace, name, template);
    const lastCause = this.#changes.lastCause(causes);
    const anew = isNew || lastCause >= before.seenAt ? 1 : before.again + 1;
    const seenAt = this.#looks.get(`${instance}/${namespace}`) ?? now;
    const versions = new Set([...(before?.versions ?? []), ...named]);
    const isMarked = at(template, "metadata", "annotations", markerAnnotation) !== undefined;
    this.#restarts.set(key, { at: now, seenAt, again: anew, versions, isMarked });
    if (before?.isMarked === false) return;
    if (anew > mostRestarts) this.break(`${told(call)}: restarted ${anew} times for the same versions`);
    const pods = podsOf(this.#sim, namespace, kind, name);
    const born = bornAt(pods);
    // The look may have waited long for the vault, and pods that it had seen may be gone.
    const seen = ownPods(this.#podsSeen.get(`${instance}/${namespace}`) ?? [], kind, name);
    const since = before?.seenAt ?? Math.min(...born, ...bornAt(seen));
    // A person's word, `rotate`, is for what nothing proves and for what was undone, of the objects that they named; one
    // restart a word. Pods that came after it (an undo, while it was being carried out) are as unproven.
    const asked = [...marker.entries.keys()].map((object) => this.#sim.askedAt.get(object) ?? 0);
    if (Math.max(0, ...asked) > (before?.at ?? 0)) return;
    const { classes } = this.#changes.usesOf(namespace, template);
    const objects = classes.flatMap((className) => this.#changes.feeds.objectsOf(namespace, className));
    // What a lagging replica hid is new once it has caught up. Versions and pods have whole seconds: a pod of the version's
    // own second proves nothing.
    if (Math.max(lastCause, this.#sim.laggedUntil(objects)) >= Math.floor(since / 1000) * 1000) return;
    if (workloadUntruth(this.#sim, namespace, kind, name) !== undefined) return;
    // Pods that somebody else started are proven by our write's time, which a write of the Secret's other keys moves. In
    // whole seconds and with a kubelet's cache between, nothing proves who started within two seconds of it.
    const proven = (pod: JsonObject, wroteAt: number) => {
      const { createdAt, lastStartedAt = createdAt } = parsePod(pod);
      return createdAt > wroteAt && lastStartedAt >= Math.floor(wroteAt / 1000) * 1000 + 2000;
    };
    const moved = pods.some((pod) =>
      this.#gotBy(kind, namespace, name, pod).some(
        ({ secret, key: one }) =>
          (one === undefined || this.#ownKeys.has(`${namespace}/${secret}/${one}`)) &&
          !proven(pod, this.#ownWrites.get(`${namespace}/${secret}`) ?? 0),
      ),
    );
    if (moved && Math.min(...born) >= (before?.at ?? 0)) return;
    this.break(`${told(call)}: restarted although nothing had changed`);
  }

  /** What such a pod got when it started: Secrets that it has as volumes count where the map says `restart: always`. */
  #gotBy(kind: string, namespace: string, name: string, pod: JsonObject) {
    const policy = policyFor(this.#sim.map, { cluster: this.#sim.clusterOf(namespace).name, namespace });
    const always = policy !== undefined && restartPolicyOf(`${kind}/${name}`, policy) === "always";
    return [...readsOf(pod), ...(always ? volumesOf(pod).map((secret) => ({ secret, key: undefined })) : [])];
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

function told(call: BridgeCall): string {
  return `${whatOf(call)} by instance ${call.instance}`;
}

function whatOf({ verb, kind, namespace, name }: BridgeCall): string {
  return `${verb} ${kind} ${namespace}/${name}`;
}

function text(base64: unknown): string {
  return typeof base64 === "string" ? Buffer.from(base64, "base64").toString() : "";
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return equal(one ?? null, other ?? null);
}

function unmarked(template: JsonObject): Json {
  const { annotations, ...metadata } = objectAt(template, "metadata");
  const others = Object.entries(isObject(annotations) ? annotations : {}).filter(([name]) => name !== markerAnnotation);
  return { ...template, metadata: { ...metadata, annotations: Object.fromEntries(others) } };
}
