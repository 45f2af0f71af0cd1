/** The law of restarts: never without a cause that the pods have not met yet. */

import { at, equal, isObject, objectAt, textAt } from "../../local/cluster/json.ts";
import type { Json, JsonObject } from "../../local/cluster/json.ts";
import { namespaceOf, uidOf } from "../../local/cluster/objects.ts";
import { parsePod } from "../../shared/core/kubernetes/parse-pod.ts";
import { markerAnnotation, parseMarker } from "../../shared/core/marker.ts";
import { restartPolicyOf } from "../../shared/core/policy.ts";
import { policyFor } from "../../shared/core/rotation-map.ts";
import { isWorkload, told } from "./calls.ts";
import { same } from "./changes.ts";
import type { Changes } from "./changes.ts";
import type { Looks } from "./looks.ts";
import { vaultName } from "./names.ts";
import { bornAt, ownPods, podsOf, readsOf, volumesOf } from "./pods.ts";
import type { BridgeCall, Sim } from "./sim.ts";
import { workloadUntruth } from "./truth.ts";
import type { WriteLaw } from "./write-law.ts";

/** For the same versions, with nothing changed in between. */
const mostRestarts = 3;

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

export class RestartLaw {
  readonly #sim: Sim;
  readonly #changes: Changes;
  readonly #looks: Looks;
  readonly #writes: WriteLaw;
  readonly #break: (law: string) => void;
  /** The templates of calls that are taking effect, as they were before. */
  readonly #before = new Map<string, JsonObject>();
  /** Per workload: when the bridge last restarted it, and the versions that its markers have named. */
  readonly #restarts = new Map<string, OurRestart>();

  constructor(sim: Sim, changes: Changes, looks: Looks, writes: WriteLaw, broken: (law: string) => void) {
    this.#sim = sim;
    this.#changes = changes;
    this.#looks = looks;
    this.#writes = writes;
    this.#break = broken;
  }

  restarting(call: BridgeCall): void {
    if (isWorkload(call.kind)) this.#before.set(`${call.kind}/${call.namespace}/${call.name}`, this.#template(call));
  }

  /**
   * Never without a version that is new to the workload, something that changed since its pods (or the bridge's last
   * restart), or a pod that really runs with something else.
   */
  restarted(call: BridgeCall): void {
    const { namespace, kind, name, at: now } = call;
    if (!isWorkload(kind)) return;
    const key = `${kind}/${namespace}/${name}`;
    const template = this.#template(call);
    const former = this.#before.get(key) ?? {};
    // A webhook may have taken the marker out again: nothing was restarted.
    if (equal(template, former)) return;
    if (!same(unmarked(template), unmarked(former))) this.#break(`${told(call)}: more than the marker has changed`);
    const marker = parseMarker(textAt(template, "metadata", "annotations", markerAnnotation));
    const named = [...marker.entries].map(([object, { version }]) => `${object}=${version}`);
    const before = this.#restarts.get(key);
    const isNew = before === undefined || named.some((version) => !before.versions.has(version));
    const causes = this.#changes.behind(kind, namespace, name, template);
    const lastCause = this.#changes.lastCause(causes);
    const anew = isNew || lastCause >= before.seenAt ? 1 : before.again + 1;
    const seenAt = this.#looks.began(call) ?? now;
    const versions = new Set([...(before?.versions ?? []), ...named]);
    const isMarked = at(template, "metadata", "annotations", markerAnnotation) !== undefined;
    this.#restarts.set(key, { at: now, seenAt, again: anew, versions, isMarked });
    if (anew > mostRestarts) this.#break(`${told(call)}: restarted ${anew} times for the same versions`);
    if (before?.isMarked === false) return;
    const pods = podsOf(this.#sim, namespace, kind, name);
    const born = pods.map(bornAt);
    // The look may have waited long for the vault, and pods that it had seen may be gone.
    const seen = ownPods(this.#looks.podsSeen(call), kind, name);
    const since = before?.seenAt ?? Math.min(...born, ...seen.map(bornAt));
    const { classes } = this.#changes.usesOf(namespace, template);
    const objects = classes.flatMap((className) => this.#changes.feeds.objectsOf(namespace, className));
    // A person's word, `rotate`, is for what nothing proves and for what was undone, of the objects that they named; one
    // restart a word. Pods that came after it (an undo, while it was being carried out) are as unproven. Which of its objects
    // the restart was for, only its marker tells.
    const meant = isMarked ? [...marker.entries.keys()] : objects.map((object) => `${vaultName}/secret/${object}`);
    const asked = meant.map((object) => this.#sim.askedAt.get(object) ?? 0);
    if (Math.max(0, ...asked) > (before?.at ?? 0)) return;
    // What a lagging replica hid is new once it has caught up. Versions and pods have whole seconds: a pod of the version's
    // own second proves nothing.
    const cause = Math.max(lastCause, this.#sim.laggedUntil(objects));
    if (cause >= Math.floor(since / 1000) * 1000) return;
    // It was found old, and somebody rolled it out before the bridge could: nothing may prove what its pods met.
    const brought = isMarked ? [...marker.entries.values()].map(({ createdOn }) => createdOn) : [cause];
    if (isNew && brought.some((version) => this.#looks.sawOlder(call, version))) return;
    if (workloadUntruth(this.#sim, namespace, kind, name) !== undefined) return;
    if (this.#countsVolumes(kind, namespace, name) && pods.some((pod) => this.#hadOtherVolumes(pod))) return;
    // Pods that somebody else started are proven by our write's time, which a write of the Secret's other keys moves. In
    // whole seconds and with a kubelet's cache between, nothing proves who started within two seconds of it.
    const proven = (pod: JsonObject, wroteAt: number) => {
      const { createdAt, lastStartedAt = createdAt } = parsePod(pod);
      return createdAt > wroteAt && lastStartedAt >= Math.floor(wroteAt / 1000) * 1000 + 2000;
    };
    const moved = pods.some((pod) =>
      this.#gotBy(kind, namespace, name, pod).some(
        ({ secret, key: one }) =>
          (one === undefined || this.#writes.keys.has(`${namespace}/${secret}/${one}`)) &&
          !proven(pod, this.#writes.wroteAt.get(`${namespace}/${secret}`) ?? 0),
      ),
    );
    if (moved && Math.min(...born) >= (before?.at ?? 0)) return;
    this.#break(`${told(call)}: restarted although nothing had changed`);
  }

  /** What such a pod got when it started: Secrets that it has as volumes count where the map says `restart: always`. */
  #gotBy(kind: string, namespace: string, name: string, pod: JsonObject) {
    const volumes = this.#countsVolumes(kind, namespace, name) ? volumesOf(pod) : [];
    return [...readsOf(pod), ...volumes.map((secret) => ({ secret, key: undefined }))];
  }

  #countsVolumes(kind: string, namespace: string, name: string): boolean {
    const policy = policyFor(this.#sim.map, { cluster: this.#sim.clusterOf(namespace).name, namespace });
    return policy !== undefined && restartPolicyOf(`${kind}/${name}`, policy) === "always";
  }

  /** It started with what its Secrets held before: their write had been refused until then, say. */
  #hadOtherVolumes(pod: JsonObject): boolean {
    const started = this.#sim.lastStart(namespaceOf(pod), uidOf(pod))?.at;
    if (started === undefined) return false;
    return volumesOf(pod).some((secret) => this.#sim.secrets.isOtherThan(`${namespaceOf(pod)}/${secret}`, started));
  }

  #template({ kind, namespace, name }: BridgeCall): JsonObject {
    if (!isWorkload(kind)) return {};
    return objectAt(this.#sim.clusterOf(namespace).store.find(kind, namespace, name), "spec", "template");
  }
}

function unmarked(template: JsonObject): Json {
  const { annotations, ...metadata } = objectAt(template, "metadata");
  const others = Object.entries(isObject(annotations) ? annotations : {}).filter(([name]) => name !== markerAnnotation);
  return { ...template, metadata: { ...metadata, annotations: Object.fromEntries(others) } };
}
