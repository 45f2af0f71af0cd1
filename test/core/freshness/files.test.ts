/** Pods that only mount files. */

import { minute, second } from "../plan/builders.ts";
import { at, born, driverWrote, judgeEach, margin, mounter } from "./cases.ts";

judgeEach([
  {
    says: "files: younger than the version",
    pods: [at(second)],
    changes: { ...mounter, now: born + minute },
    is: "fresh",
  },
  {
    says: "files: older than the version, which is young",
    pods: [at(-second)],
    changes: { ...mounter, now: born + margin },
    is: "old",
  },
  {
    says: "files: older than the version, which is older than the margin",
    pods: [at(-second)],
    changes: { ...mounter, now: born + margin + second },
    is: "fresh",
  },
  {
    says: "files: older than the version, which is young, of an app that reloads them",
    pods: [at(-second)],
    changes: { ...mounter, reloads: true, now: born + second },
    is: "fresh",
  },
  {
    says: "files and a key: what an app got at its start it does not reload",
    pods: [at(-second)],
    writers: driverWrote(minute),
    changes: { ...mounter, reloads: true },
    is: "old",
  },
  {
    says: "files: an app that reloads them, and the mount is not current",
    pods: [at(second)],
    changes: { ...mounter, reloads: true, mountsCurrent: false },
    is: "old",
  },
  {
    says: "files: the mount is not current",
    pods: [at(second)],
    changes: { ...mounter, mountsCurrent: false },
    is: "old",
  },
]);
