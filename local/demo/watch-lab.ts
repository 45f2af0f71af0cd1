/** Puts on the timeline what happens in a cluster: Secret, Deployment, pods, rollout. */

import { canonical, equal, objectAt } from "../cluster/json.ts";
import type { JsonObject } from "../cluster/json.ts";
import { nameOf } from "../cluster/objects.ts";
import { managerOfData } from "./manager.ts";
import type { Lab } from "./lab.ts";
import { deploymentName, replicas, secretName, vaultName } from "./lab-manifests.ts";
import type { Screen } from "./screen.ts";
import type { Timeline } from "./timeline.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";

/** Seconds since the change in the vault; undefined until it happened. */
export interface LabTimes {
  secretRight: number | undefined;
  rolledOut: number | undefined;
}

/** `who` is who restarts the Deployment here. */
export function watchLab(lab: Lab, vault: VaultStore, screen: Screen, timeline: Timeline, who: string): LabTimes {
  const times: LabTimes = { secretRight: undefined, rolledOut: undefined };
  const seen = new Set(lab.pods().map(({ name }) => name));
  let data = objectAt(lab.syncedSecret(), "data");
  let template = templateOf(lab.deployment());
  let rolling = false;
  let replaced = 0;

  lab.cluster.watch("Secret", ({ type, object }) => {
    const before = data;
    data = objectAt(object, "data");
    if (nameOf(object) !== secretName || type === "DELETED" || equal(before, data)) return;
    const changed = Object.keys(data).filter((key) => !equal(data[key] ?? null, before[key] ?? null));
    times.secretRight = timeline.seconds();
    timeline.line(
      managerOfData(object, changed[0] ?? ""),
      `patches Secret ${secretName}: ${changed.map(keyText).join(", ")}`,
    );
  });

  function keyText(key: string): string {
    const version = vault.versions(vaultName, key).at(-1);
    const shown = key === "color" ? ` = ${screen.paint.colour(lab.secret(key))}` : "";
    return `key ${key}${shown} (version ${shortVersion(version?.version)})`;
  }

  lab.cluster.watch("Deployment", ({ object }) => {
    if (nameOf(object) !== deploymentName) return;
    const before = template;
    template = templateOf(object);
    if (before !== template) {
      rolling = true;
      replaced = 0;
      timeline.line(who, `restarts Deployment ${deploymentName}`);
    }
    sayRolledOut();
  });

  lab.cluster.watch("Pod", ({ type }) => {
    if (type === "DELETED") return;
    for (const pod of lab.readyPods()) {
      if (seen.has(pod.name)) continue;
      seen.add(pod.name);
      replaced += 1;
      const file = pod.mounted === pod.colour ? "" : `; mounted file: ${screen.paint.colour(pod.mounted)}`;
      timeline.line(
        "pod",
        `${pod.name} Ready, started with ${screen.paint.colour(pod.colour)} (${replaced} of ${replicas})${file}`,
      );
    }
    sayRolledOut();
  });

  function sayRolledOut(): void {
    if (!rolling || !lab.rolledOut() || lab.readyPods().length !== replicas) return;
    rolling = false;
    times.rolledOut = timeline.seconds();
    timeline.line("rollout", `complete: ${replicas} of ${replicas} pods replaced`);
  }
  return times;
}

/** Enough of a version to tell it from others. */
export function shortVersion(version: string | undefined): string {
  return version === undefined ? "-" : `${version.slice(0, 8)}…`;
}

function templateOf(deployment: JsonObject | undefined): string {
  return canonical(objectAt(deployment, "spec", "template"));
}
