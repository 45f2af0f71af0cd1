/** Stakater Reloader restarts as well, and leaves a trace. */

import { minute, second } from "../plan/builders.ts";
import { at, born, driverWrote, heldNow, judgeEach, reloaded, reloadedBefore, weWrote } from "./cases.ts";

judgeEach([
  {
    says: "Reloader, we wrote: a pod of our write's own second",
    pods: [reloaded(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "fresh",
  },
  {
    says: "Reloader, we wrote: a pod that started in our write's own second",
    pods: [reloaded(4 * second, { lastStartedAt: born + 4 * second })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: a pod that started in the second after, which is that of its trace",
    pods: [reloaded(5 * second, { lastStartedAt: born + 5 * second })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 5 * second },
    is: "fresh",
  },
  {
    says: "Reloader, we wrote: its trace, in the same second, is of another Secret",
    pods: [at(4 * second, { reloaderTraces: new Map([["STAKATER_OTHER_SECRET", heldNow]]) })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: its trace, in the same second, is of what the Secret held before",
    pods: [reloadedBefore(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: its trace is older than our write",
    pods: [reloaded(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 3 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: a pod older than our write",
    pods: [reloaded(3 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, the driver wrote: its rollout came after the version",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "fresh",
  },
  {
    says: "Reloader, the driver wrote: its rollout came for another Secret only, or a ConfigMap",
    pods: [at(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: its rollout came after the version, but for an edit of another key before that",
    pods: [reloadedBefore(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: one pod is of its rollout, the other one came before it",
    pods: [reloaded(3 * second), reloadedBefore(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: a pod that started in its trace's own second may have met a kubelet's old cache",
    pods: [reloaded(2 * second, { lastStartedAt: born + 2 * second })],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: the Secret has been deleted and made anew since",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    secretAt: born + minute,
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: its trace is of an older version",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born - second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: a pod older than the trace",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 5 * second },
    is: "unknown",
  },
]);
