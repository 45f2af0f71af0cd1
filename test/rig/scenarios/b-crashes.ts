/** B4: the worker process dies at a remote call; another run finishes, and repeats no restart. */

import assert from "node:assert/strict";
import type { FrontRequest } from "../../../local/cluster/http-front.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { nextSecond, oneAppIn, readerIn } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";
import { type Witness, witness } from "./witness.ts";

type Side = "before" | "after";

interface KillPoint {
  readonly what: string;
  /** `send`: the message that is handed over to the queue. Else a request to the API server. */
  readonly call: "send" | ((request: FrontRequest, restarted: boolean) => boolean);
}

const ofPods = ({ verb, route }: FrontRequest) => verb === "list" && route.kind.kind === "Pod";
const write = ({ verb, route }: FrontRequest) => verb === "patch" && route.kind.kind === "Secret";
const restartOf = (name: string) => (request: FrontRequest) =>
  request.verb === "patch" && request.route.kind.kind === "Deployment" && request.route.name === name;
const isRestart = restartOf("app");

const handOver: KillPoint = { what: "hand-over", call: "send" };
const gather: KillPoint = { what: "gather", call: ofPods };
const secret: KillPoint = { what: "secret", call: write };
const mounter: KillPoint = { what: "mounter", call: isRestart };
const rollout: KillPoint = { what: "rollout", call: (request, restarted) => restarted && ofPods(request) };
const reader: KillPoint = { what: "reader", call: restartOf("reader") };

/** The least that may be set: when the message that was handed over is seen. */
const env = { ROTATION_TIME_BUDGET: "10s" };

export const crashes: readonly Scenario[] = [
  {
    id: "B4",
    title: "the worker dies before a call: the event comes again",
    env,
    failedAgainAfter: "00:00:01",
    seconds: 130,
    run: (scene) => killAt(scene, "before", [handOver, gather, secret, mounter, reader]),
  },
  {
    id: "B4",
    title: "the worker dies after a call: what was handed over goes on long before the event comes again",
    env,
    // Not for ever: a run that goes on with such a message and dies before its first step has that message alone.
    failedAgainAfter: "00:01:00",
    seconds: 170,
    run: (scene) => killAt(scene, "after", [handOver, secret, mounter, rollout, reader]),
  },
];

/** One after the other, each in a namespace of its own. */
async function killAt(scene: Scene, side: Side, all: readonly KillPoint[]): Promise<void> {
  // Where the driver rotates it may be the first to write the Secret.
  const points = scene.rotating ? all.filter((point) => point !== secret) : all;
  const witnesses = new Map<string, Witness>();
  try {
    const places = await Promise.all(
      points.map(async (point) => {
        const space = await scene.space(point.what);
        const seen = await witness(scene.rig, space);
        witnesses.set(space, seen);
        await oneAppIn(scene, space, `db-${point.what}`);
        await readerIn(scene, space);
        return { point, space, seen };
      }),
    );
    await nextSecond(scene);
    for (const { point, space } of places) {
      const disarm = killOnce(scene, space, side, point);
      await scene.rotate(`db-${point.what}`, "new");
      await scene.untilOutcome("kv", "converged", undefined, space);
      assert.ok(disarm(), `it was killed ${side} ${point.what}`);
    }
    // Messages that were left over come and find nothing to do.
    await scene.pass(12_000);
    for (const { space, seen, point } of places) await assertRotatedOnce(scene, space, seen, `${side} ${point.what}`);
  } finally {
    await Promise.all([...witnesses.values()].map((seen) => seen.close()));
  }
}

async function assertRotatedOnce(scene: Scene, space: string, seen: Witness, what: string): Promise<void> {
  assert.equal(scene.app.outcome(`rig/${space}`, "kv"), "converged", what);
  assert.deepEqual(seen.values("app", "k"), ["old", "new"], what);
  await assertRuns(scene, "app", { env: { PASSWORD: "new" }, versions: true }, space);
  await assertRuns(scene, "reader", { env: { PASSWORD: "new" } }, space);
  for (const name of ["app", "reader"]) {
    assert.equal(seen.restarts(`Deployment/${name}`).length, 1, `${what}: ${name} is restarted once`);
    assert.equal((await scene.starts(name, space)).length, 2, `${what}: ${name}: the first start and one restart`);
  }
  seen.check();
}

/** Kills the worker at the first such call, which its caller hears no more of. Answers how to end, and whether it was done. */
function killOnce(scene: Scene, space: string, side: Side, { call }: KillPoint): () => boolean {
  const { app, front } = scene;
  assert.ok(front);
  const { hooks } = scene.stage.ground.queueFront;
  let killed = false;
  let restarted = false;
  const kill = async () => {
    killed = true;
    await app.host().killWorker();
    return "drop" as const;
  };
  const onRequest = (on: Side) => async (request: FrontRequest) => {
    if (request.route.namespace !== space) return undefined;
    const meets = !killed && on === side && call !== "send" && call(request, restarted);
    if (on === "after") restarted ||= isRestart(request);
    return meets ? kill() : undefined;
  };
  const onQueue = async (on: Side, method: string, path: string) => {
    const sends = method === "POST" && path.endsWith(`/${app.queue.name}/messages`);
    return sends && !killed && on === side && call === "send" ? kill() : undefined;
  };
  front.before = onRequest("before");
  front.after = onRequest("after");
  hooks.add(onQueue);
  return () => {
    hooks.delete(onQueue);
    return killed;
  };
}
