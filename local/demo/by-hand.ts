/** Second part: the same change in the vault, in a cluster that has no bridge, and a restart by hand. */

import { until } from "./interruption.ts";
import type { Lab } from "./lab.ts";
import { deploymentName, replicas } from "./lab-manifests.ts";
import { DemoProblem } from "./problem.ts";
import type { Screen } from "./screen.ts";
import type { Timeline } from "./timeline.ts";
import { watchLab } from "./watch-lab.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";

/** Restarts the workshop and waits for its rollout. Answers how many new pods run with the old colour. */
export async function restartByHand(
  lab: Lab,
  vault: VaultStore,
  screen: Screen,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<number> {
  const old = lab.secret("color");
  const times = watchLab(lab, vault, screen, timeline, "person");
  screen.say();
  screen.say(
    screen.paint.bold(
      `Meanwhile in a cluster without the bridge (driver ${lab.cluster.driver}, rotation off): the same change, and`,
    ),
  );
  screen.say(screen.paint.bold(`somebody runs kubectl rollout restart deployment/${deploymentName}`));
  await lab.cluster.restart();
  const late = () => new DemoProblem("The rollout by hand did not end.", "A busy machine may need another try.");
  await until(() => times.rolledOut !== undefined, late, { signal });
  screen.say();
  const pods = lab.readyPods();
  const stale = pods.filter(({ colour }) => colour === old).length;
  return pods.length === replicas ? stale : 0;
}
