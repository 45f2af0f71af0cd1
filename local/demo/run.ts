/** The demo from start to summary. */

import { performance } from "node:perf_hooks";
import { restartByHand } from "./by-hand.ts";
import { ensureBundle } from "./bundle.ts";
import { wrongAfterRotation } from "./checks.ts";
import type { CleanUp } from "./clean-up.ts";
import { startApp, startHouse, type House } from "./house.ts";
import { keepUp } from "./keep.ts";
import type { LabClusters } from "./lab-cluster.ts";
import { deploymentName, namespace, replicas } from "./lab-manifests.ts";
import type { DemoOptions } from "./options.ts";
import { showPicture } from "./picture.ts";
import { DemoProblem } from "./problem.ts";
import type { Screen } from "./screen.ts";
import { podsReady, watchRotation, type Rotation } from "./with-bridge.ts";

export interface DemoRun {
  readonly clusters: LabClusters;
  readonly options: DemoOptions;
  readonly screen: Screen;
  /** Removed by the clean-up. */
  readonly folder: string;
  readonly cleanUp: CleanUp;
  readonly signal: AbortSignal;
  /** Ends the demo with this problem, by way of the signal. */
  readonly fail: (problem: Error) => void;
  /** Told as soon as there is an app log, to be shown if something goes wrong. */
  readonly onLog: (log: House["log"]) => void;
}

/** Throws if anything that it shows did not happen. */
export async function runDemo(run: DemoRun): Promise<void> {
  const { options, clusters, screen, cleanUp, signal } = run;
  const { paint } = screen;
  const began = performance.now();
  screen.say(paint.dim("Starting; the app is built first where it has changed."));
  if (await ensureBundle()) screen.say(paint.dim("Built dist/."));
  const progress = (line: string) => screen.say(paint.dim(line));
  const house = await startHouse({ ...run, progress, driver: options.driver, withByHand: !options.keep });
  run.onLog(house.log);
  await Promise.all([startApp(house, house.env, options.keep, run), podsReady(house, signal)]);
  introduce(screen, clusters, options, performance.now() - began);
  showPicture(screen, [
    { title: `With the bridge (driver ${options.driver})`, lab: house.bridged },
    ...(house.byHand === undefined
      ? []
      : [{ title: `Without it (driver ${clusters.driverByHand})`, lab: house.byHand }]),
  ]);

  const rotation = await watchRotation(house, screen, cleanUp, signal);
  await rotation.start("orange");
  const stale =
    house.byHand === undefined
      ? undefined
      : await restartByHand(house.byHand, house.vault, screen, rotation.timeline, signal);
  await rotation.finish();

  const wrong = [
    ...wrongAfterRotation(house.bridged, house.vault, rotation.words, house.log, "orange"),
    ...(stale === undefined || stale === replicas
      ? []
      : [`Without the bridge ${stale} of ${replicas} pods kept the old colour, not all.`]),
  ];
  if (wrong.length > 0)
    throw new DemoProblem(
      wrong.join(" "),
      "This is a defect of the bridge or of a stand-in: please report it with the log lines above.",
    );
  summarize(screen, rotation, house, stale);
  if (options.keep) await keepUp(house, run.folder, screen, signal);
}

function introduce({ say, paint }: Screen, clusters: LabClusters, { driver }: DemoOptions, tookMs: number): void {
  const [first, ...more] = clusters.introduction(driver);
  say(`Up after ${(tookMs / 1000).toFixed(1)} s, ${first}`);
  for (const line of more) say(line);
  say(
    `Namespace ${namespace}: ${replicas} pods of ${deploymentName} read color from a synced Secret by env: ${paint.colour("blue")}.`,
  );
  say(paint.dim(clusters.differences));
  say();
}

function summarize(
  { say, paint }: Screen,
  { times }: Rotation,
  { bridged, byHand }: House,
  stale: number | undefined,
): void {
  say();
  say(
    `${paint.bold("With the bridge:")}    Secret right after ${seconds(times.secretRight)}, all pods ${paint.colour("orange")} after ${seconds(times.rolledOut)}, one restart, proven (driver ${bridged.cluster.driver}).`,
  );
  if (stale === undefined || byHand === undefined) return;
  say(
    `${paint.bold("Without the bridge:")} after a restart by hand ${stale} of ${replicas} pods are still ${paint.colour("blue")}, and so is the Secret (driver ${byHand.cluster.driver}).`,
  );
}

function seconds(time: number | undefined): string {
  return `${time?.toFixed(1) ?? "?"} s`;
}
