/** What must hold once nothing goes wrong any more: whatever is left undone is somebody else's turn. */

import { textAt } from "../../local/cluster/json.ts";
import { nameOf } from "../../local/cluster/objects.ts";
import { failedReasons, refusedReasons } from "../../shared/core/reasons.ts";
import type { LastWord, Laws } from "./laws.ts";
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
    // On driver 1.6 Reloader rolls its workloads out at every flip that an old mount makes: there is no rest.
    if (asked > mostCallsAtRest && !sim.shape.reloader) laws.break(`at rest ${namespace} is asked ${asked} times`);
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
      // A look that is under way says what it waits for right now.
      if (!end && last.at < sim.clock.now() - aLookTakesMs)
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
