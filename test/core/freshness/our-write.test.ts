/** Pods around a write of ours, and what holds whoever wrote. */

import { hour, ours, second, writer } from "../plan/builders.ts";
import { at, born, driverWrote, judgeEach, mounter, weWrote } from "./cases.ts";

judgeEach([
  // W: our managedFields entry still owns the key.
  {
    says: "every pod was created after our write",
    pods: [at(5 * second), at(9 * second)],
    writers: weWrote(4 * second),
    is: "fresh",
  },
  {
    says: "one pod was created before our write",
    pods: [at(5 * second), at(3 * second)],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "a pod of the same second may have started before our write",
    pods: [at(4 * second)],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "of a pod of the same second only the last container's start is known",
    pods: [at(4 * second, { lastStartedAt: born + 10 * second })],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "a pod that started in the second after our write may have met a kubelet's old cache",
    pods: [at(5 * second, { lastStartedAt: born + 5 * second })],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "it was created after our write, but its mount is older",
    pods: [at(5 * second)],
    writers: weWrote(4 * second),
    changes: { ...mounter, mountsCurrent: false },
    is: "old",
  },
  {
    says: "our entry owns another key only, so the driver wrote this one",
    pods: [at(5 * second)],
    writers: [writer(ours, born + 4 * second, "other"), ...driverWrote(3 * second)],
    is: "unknown",
  },
  {
    says: "the driver's entry is no clock: its owner patches re-date it",
    pods: [at(5 * second)],
    writers: driverWrote(hour),
    is: "unknown",
  },
  // A container that has never started.
  {
    says: "an old pod whose containers never started reads the Secret when they do",
    pods: [at(-hour, { started: false })],
    writers: weWrote(4 * second),
    is: "fresh",
  },
  { says: "there is no pod", pods: [], writers: driverWrote(0), is: "fresh" },
]);
