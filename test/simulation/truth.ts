/** Is a class of the world really converged? Asked of the cluster and the vault themselves. */

import { at, listAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { nameOf, namespaceOf, uidOf } from "../../local/cluster/objects.ts";
import type { SecretValue } from "../../shared/core/secret-value.ts";
import { isBeyondProof } from "./beyond-proof.ts";
import { currentRendering } from "./current-rendering.ts";
import type { Rendered } from "./current-rendering.ts";
import { bornAt, livePods, mountsOf, podsOf, readsOf } from "./pods.ts";
import type { Sim } from "./sim.ts";

/** A look, which can have seen only what was there when it began. */
export interface Sight {
  readonly began: number;
  /** When somebody else last changed it; of a pod also its mounts. */
  readonly lastChange: (kind: "Secret" | "Pod", name: string) => number;
  /** The live pods of the namespace at that time: some may have gone since. */
  readonly pods: readonly JsonObject[];
}

const ofNow: Sight = { began: Number.POSITIVE_INFINITY, lastChange: () => 0, pods: [] };

/** What is not as it should be, in one sentence; undefined where everything is right. */
export function untruth(sim: Sim, namespace: string, className: string, sight: Sight = ofNow): string | undefined {
  const { store } = sim.clusterOf(namespace);
  const raw = store.find("SecretProviderClass", namespace, className);
  if (raw === undefined) return undefined;
  const rendered = currentRendering(sim, raw);
  if (typeof rendered === "string") return rendered;
  const isOld = (pod: JsonObject) => (sim.lastStart(namespace, uidOf(pod))?.at ?? bornAt(pod)) < sight.began;
  const pods = livePods(sim, namespace).filter(isOld);
  const mounters = pods.filter((pod) => mountsOf(pod).some((mount) => mount.className === className));
  // A class that nobody mounts leaves its Secret to one that pods do mount.
  const own = [...rendered.secrets].filter(
    ([name]) => mounters.length > 0 || !claimedByMounted(sim, namespace, className, name, sight),
  );
  for (const [name, secret] of own) {
    const needed = mounters.length > 0 || pods.some((pod) => readsOf(pod).some((read) => read.secret === name));
    if (!secret.ok) {
      if (needed) return `Secret ${name} cannot be rendered`;
      continue;
    }
    if (sight.lastChange("Secret", name) >= sight.began) continue;
    const held = store.find("Secret", namespace, name);
    if (held === undefined) {
      if (needed) return `Secret ${name} is not there`;
      continue;
    }
    for (const [key, value] of secret.data) {
      if (textAt(held, "data", key) !== base64(value)) return `Secret ${name} holds other bytes at ${key}`;
    }
  }
  const meant = { ...rendered, secrets: new Map(own) };
  return pods
    .map((pod) => {
      const isSteady = sight.lastChange("Pod", nameOf(pod)) < sight.began;
      return podUntruth(sim, pod, className, isSteady ? meant : { ...meant, files: new Map() }, "provable");
    })
    .find((wrong) => wrong !== undefined);
}

function claimedByMounted(sim: Sim, namespace: string, className: string, secret: string, sight: Sight): boolean {
  const classes = sim.clusterOf(namespace).store.list("SecretProviderClass", namespace).items;
  const pods = [...livePods(sim, namespace), ...sight.pods];
  const mounted = pods.flatMap((pod) => mountsOf(pod).map((mount) => mount.className));
  return classes.some(
    (other) =>
      nameOf(other) !== className &&
      mounted.includes(nameOf(other)) &&
      listAt(other, "spec", "secretObjects").some((entry) => textAt(entry, "secretName") === secret),
  );
}

/** What a live pod of a workload runs with that is not what its classes render now. */
export function workloadUntruth(sim: Sim, namespace: string, kind: string, name: string): string | undefined {
  const classes = sim.clusterOf(namespace).store.list("SecretProviderClass", namespace).items;
  const renderings = classes.map((raw) => [nameOf(raw), currentRendering(sim, raw)] as const);
  const pods = podsOf(sim, namespace, kind, name);
  for (const [className, rendered] of renderings) {
    if (typeof rendered === "string") continue;
    const wrong = pods
      .map((pod) => podUntruth(sim, pod, className, rendered, "all"))
      .find((found) => found !== undefined);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** `provable`: without what nothing in the cluster tells any more. */
function podUntruth(
  sim: Sim,
  pod: JsonObject,
  className: string,
  rendered: Rendered,
  which: "provable" | "all",
): string | undefined {
  const { changedAt } = rendered;
  const namespace = namespaceOf(pod);
  const start = sim.lastStart(namespace, uidOf(pod));
  if (start === undefined) return undefined;
  for (const { volume } of mountsOf(pod).filter((mount) => mount.className === className)) {
    const mounted = sim.clusterOf(namespace).mountedFiles(namespace, nameOf(pod), volume);
    for (const [path, { content }] of rendered.files) {
      if (mounted[path] !== text(content)) return `pod ${nameOf(pod)} has another file ${path}`;
    }
  }
  for (const { secret, key, variable } of readsOf(pod)) {
    const wanted = rendered.secrets.get(secret);
    if (wanted === undefined || !wanted.ok) continue;
    for (const [name, value] of wanted.data) {
      if (key !== undefined && key !== name) continue;
      const got = start.env[variable ?? name];
      if (got === text(value)) continue;
      if (
        which === "provable" &&
        isBeyondProof(sim, pod, { className, secret, key, name, got, right: text(value), changedAt })
      )
        continue;
      return `pod ${nameOf(pod)} started with another ${secret}/${name} (${got ?? "none"} for ${text(value)})`;
    }
  }
  return undefined;
}

/** Does a live pod mount the class, or read a Secret that it makes? */
export function hasDependents(sim: Sim, raw: JsonObject): boolean {
  const entries = at(raw, "spec", "secretObjects");
  const secrets = Array.isArray(entries) ? entries.map((entry) => textAt(entry, "secretName")) : [];
  return livePods(sim, namespaceOf(raw)).some(
    (pod) =>
      mountsOf(pod).some(({ className }) => className === nameOf(raw)) ||
      readsOf(pod).some(({ secret }) => secrets.includes(secret)),
  );
}

function base64(value: SecretValue): string {
  return Buffer.from(value.reveal()).toString("base64");
}

function text(value: SecretValue): string {
  return new TextDecoder().decode(value.reveal());
}
