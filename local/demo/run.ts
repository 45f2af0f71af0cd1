/** The demo from start to summary. */

import { performance } from "node:perf_hooks";
import { restartByHand } from "./by-hand.ts";
import { ensureBundle } from "./bundle.ts";
import { wrongAfterRotation } from "./checks.ts";
import type { CleanUp } from "./clean-up.ts";
import { deliveryMs } from "./event-grid.ts";
import { startApp, startHouse, type House } from "./house.ts";
import { keepUp } from "./keep.ts";
import { podTiming } from "./lab.ts";
import { deploymentName, namespace, replicas } from "./lab-manifests.ts";
import type { DemoOptions } from "./options.ts";
import { showPicture } from "./picture.ts";
import { DemoProblem } from "./problem.ts";
import type { Screen } from "./screen.ts";
import { podsReady, watchRotation, type Rotation } from "./with-bridge.ts";

export interface DemoRun {
  readonly options: DemoOptions;
  readonly screen: Screen;
  /** Removed by the clean-up. */
  readonly folder: string;
  readonly cleanUp: CleanUp;
  readonly signal: AbortSignal;
  /** Told as soon as there is an app log, to be shown if something goes wrong. */
  readonly onLog: (log: House["log"]) => void;
}

/** Throws if anything that it shows did not happen. */
export async function runDemo(run: DemoRun): Promise<void> {
  const { options, screen, cleanUp, signal } = run;
  const { paint } = screen;
  const began = performance.now();
  if (await ensureBundle()) screen.say(paint.dim("Built dist/."));
  const house = await startHouse({ ...run, driver: options.driver, withByHand: !options.keep });
  run.onLog(house.log);
  await Promise.all([startApp(house, house.env, options.keep, run), podsReady(house, signal)]);
  introduce(screen, options, performance.now() - began);
  showPicture(screen, [
    { title: `With the bridge (driver ${options.driver})`, lab: house.bridged },
    ...(house.byHand === undefined ? [] : [{ title: "Without it (driver 1.5)", lab: house.byHand }]),
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
  summarize(screen, rotation, options, stale);
  if (options.keep) await keepUp(house, run.folder, screen, signal);
}

function introduce({ say, paint }: Screen, { driver }: DemoOptions, tookMs: number): void {
  const podMs = podTiming.startDelayMs + podTiming.readyAfterMs;
  say(
    `Up after ${(tookMs / 1000).toFixed(1)} s, all stand-ins on 127.0.0.1: a Key Vault, Event Grid, a queue (Azurite), a cluster with the`,
  );
  say(`Secrets Store CSI driver ${driver}, an identity endpoint, and the built app in a Functions host.`);
  say(
    `Namespace ${namespace}: ${replicas} pods of ${deploymentName} read color from a synced Secret by env: ${paint.colour("blue")}.`,
  );
  say(
    paint.dim(
      `Shorter than in production: pods Ready after ${podMs / 1000} s, events after ${deliveryMs / 1000} s. Settle time and final look are the real ones.`,
    ),
  );
  say();
}

function summarize(
  { say, paint }: Screen,
  { times }: Rotation,
  { driver }: DemoOptions,
  stale: number | undefined,
): void {
  say();
  say(
    `${paint.bold("With the bridge:")}    Secret right after ${seconds(times.secretRight)}, all pods ${paint.colour("orange")} after ${seconds(times.rolledOut)}, one restart, proven (driver ${driver}).`,
  );
  if (stale === undefined) return;
  say(
    `${paint.bold("Without the bridge:")} after a restart by hand ${stale} of ${replicas} pods are still ${paint.colour("blue")}, and so is the Secret (driver 1.5).`,
  );
}

function seconds(time: number | undefined): string {
  return `${time?.toFixed(1) ?? "?"} s`;
}
