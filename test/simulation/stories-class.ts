/** Stories of classes that change under running pods. */

import { objectNames, turningKey } from "./names.ts";
import { type Scene, second, type Told, withMore } from "./scene.ts";

/** A key of a Secret is fed with another object, soon after the bridge restarted who reads it. */
export function turnedKey({ space, random, next }: Scene): Told {
  const [first = "db", other = "mail"] = random.some(objectNames, 2, 2);
  const turn = (object: string) => ({ name: "turn", objects: `${first},${other}`, object });
  const gate = { kind: "Deployment", name: "gate" };
  next(0, 0, "new-version", { object: first });
  if (random.chance(0.3)) next(0, 3, "new-version", { object: other });
  next(6, 25, "key-turns", turn(other));
  if (random.chance(0.3)) next(0, 20, "deploy", gate);
  if (random.chance(0.5)) next(1, 60, "rotate-by-hand", { object: random.pick([first, other]) });
  if (random.chance(0.4)) next(10, 120, "key-turns", turn(first));
  if (random.chance(0.5)) next(1, 30, "new-version", { object: first });
  const reads = { env: { MAIN: ["turn", turningKey] as const }, spec: { progressDeadlineSeconds: 30 } };
  const made = { name: "turn", objects: [first, other], secrets: { turn: { [turningKey]: first } } };
  const reader = random.chance(0.4) ? [{ ...reads, name: "gate-reader" }] : [];
  return {
    space: withMore(space, made, [{ ...reads, name: "gate", replicas: random.int(1, 2), mounts: ["turn"] }, ...reader]),
  };
}

/** `newObjects: restart`: a class is changed to other objects, and rollouts take their time or come to nothing. */
export function newObjects({ shape, space, random, next }: Scene): Told {
  const [first = "db", ...others] = random.some(objectNames, 3, 3);
  const [other = "mail"] = others;
  // Or it gains one that the workload has mounted through another class, and that changes right then.
  const known = random.chance(0.4);
  const objects = known || random.chance(0.2) ? [first, other] : others;
  const mover = { kind: "Deployment", name: "mover" };
  const noPods = () =>
    next(0, 6, random.pick(["no-room-for-pods", "quota-used-up"]), { forMs: random.int(20, 120) * second });
  if (known || random.chance(0.5)) next(0, 5, "new-version", { object: first });
  next(10, 60, "class-other-objects", { name: "over", objects: objects.join(",") });
  if (known) next(0, 10, "new-version", { object: other });
  else next(0, 10, random.chance(0.5) ? "new-version" : "rotate-by-hand", { object: random.pick(objects) });
  if (random.chance(known ? 0.6 : 0.3)) noPods();
  if (random.chance(0.3)) next(5, 30, random.pick(["undo", "deploy"]), mover);
  if (random.chance(0.5)) next(5, 90, "new-version", { object: random.pick(objects) });
  if (random.chance(0.5))
    next(5, 90, "class-other-objects", { name: "over", objects: random.some(objectNames, 1, 3).join(",") });
  if (random.chance(0.5)) next(0, 20, "new-version", { object: random.pick(objectNames) });
  const key = `k-${first}`;
  const moves = {
    name: "mover",
    replicas: random.int(1, 3),
    mounts: known ? ["over", "also"] : ["over"],
    ...(known || random.chance(0.5) ? { envFrom: ["secret-over"] } : { env: { FIRST: ["secret-over", key] as const } }),
    spec: { progressDeadlineSeconds: 30, minReadySeconds: random.pick([0, 10, 20]) },
  };
  const mapLines = shape.mapLines.map((line) =>
    line.includes("newObjects") || random.chance(0.2)
      ? line
      : line.replace("policy: { ", "policy: { newObjects: restart, "),
  );
  const grown = withMore(space, { name: "over", objects: [first], secrets: { "secret-over": { [key]: first } } }, [
    moves,
    ...(random.chance(0.4) ? [{ name: "mover-too", mounts: ["over"], spec: { progressDeadlineSeconds: 30 } }] : []),
  ]);
  const also = known ? [{ name: "also", objects: [other] }] : [];
  return { shape: { mapLines }, space: { ...grown, classes: [...grown.classes, ...also] } };
}

/** One object, pinned by one class and followed by another: who reads the pinned key mounts the other one, or nothing. */
export function pinnedAndFollowed({ shape, space, random, from, next }: Scene): Told {
  const object = random.pick(objectNames);
  const holder = { kind: "Deployment", name: "holder" };
  const pin = () => next(2, 40, "class-pin", { name: "held", object, back: random.int(0, 1) });
  if (random.chance(0.6)) from(random.int(20 * second, shape.installedAt));
  pin();
  for (let times = random.int(2, 4); times > 0; times -= 1) {
    if (random.chance(0.6)) next(0, 40, "new-version", { object });
    if (random.chance(0.6)) next(0, 20, "deploy", holder);
    if (random.chance(0.7)) pin();
    next(1, 30, "deploy", holder);
    if (random.chance(0.5)) next(0, 40, random.pick(["new-version", "rotate-by-hand"]), { object });
    if (random.chance(0.2)) next(0, 40, "deploy", { kind: "Deployment", name: "both" });
  }
  const reads = { env: { HELD: ["secret-held", `k-${object}`] as const } };
  const quick = { spec: { progressDeadlineSeconds: 30 } };
  const data = { [`k-${object}`]: object };
  const more = [
    { ...quick, name: "holder", mounts: ["held"], ...(random.chance(0.3) ? reads : {}) },
    { ...quick, ...reads, name: "both", mounts: random.chance(0.3) ? ["follow", "held"] : ["follow"] },
  ];
  const grown = withMore(space, { name: "held", objects: [object], secrets: { "secret-held": data } }, more);
  const follow = { name: "follow", objects: [object], secrets: { "secret-follow": data } };
  const pods = random.chance(0.5) ? [{ ...reads, name: "lone" }] : [];
  return { space: { ...grown, classes: [...grown.classes, follow], pods: [...grown.pods, ...pods] } };
}
