/** First part: a new version in the vault, and what the bridge makes of it. */

import type { AppLog } from "./app-log.ts";
import { deliverEvents } from "./event-grid.ts";
import type { CleanUp } from "./clean-up.ts";
import { queueName, type House } from "./house.ts";
import { until } from "./interruption.ts";
import { replicas } from "./lab-manifests.ts";
import { DemoProblem } from "./problem.ts";
import type { NewVersion } from "../key-vault/stored-version.ts";
import type { Screen } from "./screen.ts";
import { Timeline } from "./timeline.ts";
import { setSecretOverHttp } from "./vault-set-up.ts";
import { watchApp, type AppWords } from "./watch-app.ts";
import { shortVersion, watchLab, type LabTimes } from "./watch-lab.ts";

export interface Rotation {
  readonly times: LabTimes;
  readonly words: AppWords;
  readonly timeline: Timeline;
  /** Sets `color` and waits until the bridge calls it proven. */
  start(colour: string): Promise<void>;
  /** Waits for the app's last word on it. */
  finish(): Promise<void>;
}

/** Connects vault and queue, and puts on the timeline whatever happens from now on. */
export async function watchRotation(
  house: House,
  screen: Screen,
  cleanUp: CleanUp,
  signal: AbortSignal,
): Promise<Rotation> {
  const { vault, bridged, log } = house;
  const timeline = new Timeline(screen);
  const times = watchLab(bridged, vault, screen, timeline, "bridge");
  const words = watchApp(log, bridged, vault, screen, timeline);
  const queue = watchQueue(log, timeline, signal);
  vault.onNewVersion(({ name, version }) => {
    timeline.begin();
    queue.announced();
    times.secretRight = undefined;
    times.rolledOut = undefined;
    words.outcomes = [];
    words.done = [];
    words.proven = undefined;
    const shown = name === "color" ? `: ${screen.paint.colour(version.value)}` : "";
    timeline.line("vault", `${name} has a new version, ${shortVersion(version.version)}${shown}`);
  });
  const onDelivered = ({ name }: NewVersion, failed: boolean) => {
    const what = failed ? `could not deliver the event of ${name}` : `event of ${name} is on the queue ${queueName}`;
    timeline.line("event grid", what);
    queue.delivered();
  };
  const deliveries = deliverEvents(vault, house.storage, queueName, onDelivered, signal);
  await cleanUp.own("Event Grid", deliveries, (stop) => stop());
  const late = (what: string) => () => new DemoProblem(`${what} within the time this takes here.`, lookCloser);
  return {
    times,
    words,
    timeline,
    start: async (colour) => {
      await setSecretOverHttp(house.vaultUrl, house.token, "color", colour);
      const over = () => words.proven !== undefined || words.done.length > 0 || queue.failed();
      await until(over, late("The bridge did not prove the new version"), { signal });
      if (words.proven === undefined) {
        const last = queue.failed() ? "its function failed" : (words.outcomes.at(-1) ?? "it said nothing");
        throw new DemoProblem(
          `The bridge ended without a proof: ${last}.`,
          "The log lines above say why and what to do.",
        );
      }
    },
    finish: () => until(() => words.done.length > 0, late("The bridge's run did not end"), { signal }),
  };
}

/** Waits until all pods of the workshop serve. */
export async function podsReady(house: House, signal: AbortSignal): Promise<void> {
  const labs = [house.bridged, ...(house.byHand === undefined ? [] : [house.byHand])];
  const ready = () => labs.every((lab) => lab.rolledOut() && lab.readyPods().length === replicas);
  const late = () => new DemoProblem("The workshop's pods did not become Ready.", lookCloser);
  await until(ready, late, { signal });
}

const lookCloser =
  "The log lines above say how far the app came. A busy machine may need another try; `npm test -- functions-host` tests the parts.";

/**
 * Says when the app takes a message. The answer to whoever put an event on the queue may be slower than its way through
 * the queue; the lines come in the order of the happenings all the same.
 */
function watchQueue(log: AppLog, timeline: Timeline, signal: AbortSignal) {
  let underWay = 0;
  let taken: readonly number[] = [];
  let failed = false;
  const say = (at: number) => timeline.line("app", "takes the message from the queue", at);

  log.onHost((message) => {
    if (message.startsWith("Executed ") && !signal.aborted) {
      failed = true;
      timeline.line("app", message);
    }
    if (message !== "Executing 'rotate'") return;
    if (underWay === 0) say(timeline.seconds());
    else taken = [...taken, timeline.seconds()];
  });
  return {
    failed: () => failed,
    announced: () => {
      underWay += 1;
    },
    delivered: () => {
      underWay -= 1;
      if (underWay > 0) return;
      taken.forEach(say);
      taken = [];
    },
  };
}
