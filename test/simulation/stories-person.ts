/** Stories of people who say `rotate`. */

import { objectNames } from "./names.ts";
import { minute, objectOf, type Scene, second, type Told, withMore } from "./scene.ts";

/** An undo of the bridge's restart, and `rotate` by who knows of it. */
export function byHand({ space, random, next }: Scene): Told {
  const { kind = "Deployment", name } = random.pick(space.workloads.slice(0, 1));
  const object = objectOf(space, random);
  next(0, 0, "new-version", { object });
  for (let times = random.int(1, 2); times > 0; times -= 1) {
    next(8, 45, "undo", { kind, name });
    next(1, 90, "rotate-by-hand", { object: random.chance(0.5) ? object : "" });
  }
  return { space };
}

/** The bridge is installed onto a rotation that people have half done, and somebody asks for the rest of it. */
export function beforeTheBridge({ shape, space, random, from, next }: Scene): Told {
  const installedAt = Math.max(shape.installedAt, random.int(3, 6) * minute);
  const object = random.pick(objectNames);
  const asker = { kind: "Deployment", name: "asker" };
  from(random.int(40 * second, installedAt - minute));
  next(0, 0, "new-version", { object });
  next(2, 15, "deploy", asker);
  if (random.chance(0.7)) next(2, 15, "right-by-hand", { name: "asked" });
  next(2, 10, "deploy", { kind: "Deployment", name: "asked" });
  from(installedAt);
  for (let times = random.int(1, 2); times > 0; times -= 1) {
    next(20, 200, "rotate-by-hand", { object: random.chance(0.7) ? object : "" });
    if (random.chance(0.2)) next(0, 30, "undo", asker);
  }
  const reads = { env: { ASKED: ["asked", `k-${object}`] as const }, spec: { progressDeadlineSeconds: 30 } };
  const more = [
    { ...reads, name: "asker" },
    { name: "asked", mounts: ["asked"], ...(random.chance(0.5) ? reads : {}), replicas: random.int(1, 2) },
  ];
  const made = { name: "asked", objects: [object], secrets: { asked: { [`k-${object}`]: object } } };
  return { shape: { installedAt }, space: withMore(space, made, more) };
}
