/** Acts that only stories need (stories.ts), so they weigh nothing. */

import { isObject, listAt, textAt } from "../../local/cluster/json.ts";
import { hintsOf, rotateMessages } from "../../shared/look-messages.ts";
import { providerClass } from "../scenarios/manifests.ts";
import { clusterOf, number, shrug, text } from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import { objectNames, turningKey, vaultName } from "./names.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { Sim } from "./sim.ts";

const told = (run: ActKind["run"]): ActKind => ({ weight: 0, pick: () => undefined, run });

export const storyActs: Readonly<Record<string, ActKind>> = {
  /** `rotation-bridge rotate --secret contoso/NAME`, of one object or of all that people suspect. */
  "rotate-by-hand": told((sim, params) => {
    const one = text(params, "object");
    const hints = (one === "" ? objectNames : [one]).flatMap((object) => hintsOf(vaultName, object));
    const begin = () => ({ now: sim.clock.now(), id: sim.clock.id() });
    for (const { object } of hints) sim.askedAt.set(object, sim.clock.now());
    for (const message of rotateMessages(hints, [...sim.clusters.keys()], undefined, begin)) sim.queue.put(message);
  }),
  /** In an outage people put the new values into the Secret themselves. */
  "right-by-hand": told((sim, params) =>
    shrug(() => {
      const [namespace, name] = [text(params, "namespace"), text(params, "name")];
      const data = Object.fromEntries(
        objectNames.map(
          (object) => [`k-${object}`, sim.vault.versions(vaultName, object).at(-1)?.value ?? ""] as const,
        ),
      );
      const held = clusterOf(sim, params).store.get("Secret", namespace, name);
      const own = Object.entries(data).filter(([key]) => textAt(held, "data", key) !== "");
      clusterOf(sim, params).patch("Secret", namespace, name, {
        data: Object.fromEntries(own.map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
      });
    }),
  ),
  /** A key of the class is fed with another of its objects. */
  "key-turns": told((sim, params) => turn(sim, params)),
  /** Whoever asks for a version by its id, or for the list of them, is refused; the current one is answered. */
  "versions-unreadable": told((sim, params) =>
    sim.vault.failVersions(vaultName, text(params, "object"), sim.clock.now() + number(params, "forMs")),
  ),
  /**
   * The replica that is asked for the current version lags for long, another one knows its id. Only once the version is
   * mounted: of an answer that nothing contradicts nobody can tell that it is old.
   */
  "current-lags": told((sim, params) => {
    const object = text(params, "object");
    const newest = sim.vault.versions(vaultName, object).at(-1)?.version ?? "";
    if (!isMountedEverywhere(sim, object, newest)) return;
    const until = sim.clock.now() + number(params, "forMs");
    sim.lag(object, until);
    sim.vault.holdCurrent(vaultName, object, until);
  }),
};

function turn(sim: Sim, params: Params): void {
  shrug(() => {
    const [namespace, name, object] = [text(params, "namespace"), text(params, "name"), text(params, "object")];
    const objects = text(params, "objects").split(",");
    const secrets = { [name]: { [turningKey]: object } };
    clusterOf(sim, params).store.get("SecretProviderClass", namespace, name);
    clusterOf(sim, params).apply(providerClass({ name, namespace, objects, secrets }));
    sim.turning = object;
  });
}

function isMountedEverywhere(sim: Sim, object: string, version: string): boolean {
  return sim.shape.spaces.every(({ namespace }) => {
    const { store } = sim.clusterOf(namespace);
    const names = (one: JsonObject) => `${textAt(one, "spec", "parameters", "objects")}\n`.includes(`: ${object}\n`);
    const shows = (one: JsonObject) =>
      listAt(one, "status", "objects").some((item) => isObject(item) && textAt(item, "version") === version);
    return (
      !store.list("SecretProviderClass", namespace).items.some(names) ||
      store.list("SecretProviderClassPodStatus", namespace).items.some(shows)
    );
  });
}
