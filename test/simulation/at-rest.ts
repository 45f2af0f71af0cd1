/** What must hold once nothing goes wrong any more: whatever is left undone is somebody else's turn. */

import { at, listAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import { nameOf } from "../../local/cluster/objects.ts";
import { failedReasons, refusedReasons } from "../../shared/core/reasons.ts";
import type { LastWord, Laws } from "./laws.ts";
import { vaultName } from "./names.ts";
import { livePods } from "./pods.ts";
import type { Sim } from "./sim.ts";
import { hasDependents, untruth } from "./truth.ts";

/** Waits that only a person or an old pod's end can end; with any other a look goes on for ever. */
const forPersons: ReadonlySet<string> = new Set([
  "observe-only",
  "writes-stopped",
  "start-unknown",
  "not-yet-mounted",
  "old-mount",
  "unmanaged-pod",
  "class-changed",
  "workload-paused",
  "on-delete",
  "partitioned",
  "broken-revision",
  "secret-missing",
  "driver-refresh",
]);

/** A look takes about ten calls; at rest there are the timer's, and those of chains that wait for a person. */
const mostCallsAtRest = 1000;

/** From one poll to the next, at the slowest, and the calls of a look. */
const aLookTakesMs = 45_000;

/** `calls`: of each namespace, since the world has come to rest. */
export function holdAtRest(sim: Sim, laws: Laws, calls: ReadonlyMap<string, number>): void {
  for (const { namespace, mapped } of sim.shape.spaces) {
    if (!mapped) continue;
    const asked = calls.get(namespace) ?? 0;
    if (asked > mostCallsAtRest) laws.break(`at rest ${namespace} is asked ${asked} times`);
    for (const raw of sim.clusterOf(namespace).store.list("SecretProviderClass", namespace).items) {
      if (textAt(raw, "spec", "provider") !== "azure") continue;
      const name = nameOf(raw);
      const wrong = hasDependents(sim, raw) ? untruth(sim, namespace, name) : undefined;
      const last = lastWord(laws, namespace, name);
      if (last === undefined) {
        if (wrong !== undefined) laws.break(`nothing was ever said of ${namespace}/${name}, but ${wrong}`);
        continue;
      }
      const { outcome, reason } = last;
      if (outcome === "converged" && wrong !== undefined)
        laws.break(`at rest ${namespace}/${name} counts as converged, but ${wrong}`);
      const end =
        outcome === "converged" || reason in refusedReasons || reason in failedReasons || forPersons.has(reason);
      if (!isSo(sim, namespace, raw, reason))
        laws.break(`at rest ${namespace}/${name} is ${outcome}(${reason}), but that is not so`);
      // A look that is under way says what it waits for right now.
      const isRecent = last.at >= sim.clock.now() - aLookTakesMs;
      const isOthersRollout = reason === "rollout-running" && isRolledByOthers(sim, laws, namespace, last.about);
      if (!end && !isRecent && !isOthersRollout)
        laws.break(`at rest ${namespace}/${name} is still ${outcome}(${reason})`);
    }
  }
  for (const body of [...sim.queue.sent, ...sim.queue.poison.map((one) => JSON.stringify(one))])
    laws.noValueIn("a message", body);
}

/** Of the class itself, or what was said of the whole target since. */
function lastWord(laws: Laws, namespace: string, name: string): LastWord | undefined {
  const own = laws.lastWords.get(`${namespace}/${name}`);
  const whole = laws.lastWords.get(`${namespace}/*`);
  if (own === undefined || whole === undefined) return own ?? whole;
  return whole.at > own.at ? whole : own;
}

/**
 * Somebody else (Reloader, at a flip of a Secret) began the rollout that is waited for, at rest as well; it is not complete,
 * and has not had the time after which it would be stuck. It is watched, and said once a run.
 */
function isRolledByOthers(sim: Sim, laws: Laws, namespace: string, about: readonly string[]): boolean {
  const { store } = sim.clusterOf(namespace);
  return store.list("Deployment", namespace).items.some((one) => {
    if (!about.includes(`Deployment/${nameOf(one)}`)) return false;
    const deadline = Number(at(one, "spec", "progressDeadlineSeconds") ?? 600) * 1000;
    const begun = laws.lastChangeByOthers("Deployment", namespace, nameOf(one));
    const isComplete = at(one, "status", "updatedReplicas") === at(one, "status", "replicas");
    return !isComplete && begun > sim.clock.now() - deadline;
  });
}

/** Is there in the world what this reason tells a person to do something about? True of reasons that are not easily told. */
function isSo(sim: Sim, namespace: string, raw: JsonObject, reason: string): boolean {
  const { store } = sim.clusterOf(namespace);
  const any = (kind: KindName, fits: (one: JsonObject) => boolean) => store.list(kind, namespace).items.some(fits);
  const owner = (pod: JsonObject) => textAt(listAt(pod, "metadata", "ownerReferences")[0], "kind");
  const strategy = (one: JsonObject) => at(one, "spec", "updateStrategy") ?? {};
  switch (reason) {
    case "observe-only":
      return sim.shape.mode === "observe";
    case "writes-stopped":
      return sim.shape.mode === "stopped";
    case "unmanaged-pod":
      return livePods(sim, namespace).some((pod) => !["ReplicaSet", "StatefulSet", "DaemonSet"].includes(owner(pod)));
    case "workload-paused":
      return any("Deployment", (one) => at(one, "spec", "paused") === true);
    case "on-delete":
      return (["StatefulSet", "DaemonSet"] as const).some((kind) =>
        any(kind, (one) => textAt(strategy(one), "type") === "OnDelete"),
      );
    case "partitioned":
      return any("StatefulSet", (one) => at(strategy(one), "rollingUpdate", "partition") !== undefined);
    case "secret-missing":
    case "secret-lost":
      // A workload may wait for the Secret of another class of its own.
      return store
        .list("SecretProviderClass", namespace)
        .items.flatMap((one) => listAt(one, "spec", "secretObjects"))
        .some((entry) => store.find("Secret", namespace, textAt(entry, "secretName")) === undefined);
    case "driver-refresh":
      return sim.shape.rotation === "on" || !sim.shape.driverVisible;
    case "ignored":
      return textAt(raw, "metadata", "annotations", "rotation-bridge/ignore") === "true";
    case "immutable":
      return any("Secret", (one) => at(one, "immutable") === true);
    case "vault-not-allowed":
      // Also where the class means a vault of this name in another cloud than the map does.
      return (
        sim.space(namespace)?.flows !== true ||
        textAt(raw, "spec", "parameters", "keyvaultName") !== vaultName ||
        sim.shape.china !== (textAt(raw, "spec", "parameters", "cloudName") === "AzureChinaCloud")
      );
    default:
      return true;
  }
}
