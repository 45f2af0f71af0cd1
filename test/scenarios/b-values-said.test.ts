/** B: what leaves the bridge (log lines, messages, markers, results) names versions and never shows a value. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { leaksIn } from "../end-to-end/leaks.ts";
import { marker, oneApp, reconcile } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

const values = ["first-Zu9!x=ä4", "second-Qm7?y=ö2", "third-Kd5#z=ü8"] as const;
const secrets = values.map((value, index) => ({ name: `value ${index + 1}`, value }));

for (const generation of bothGenerations) {
  test(`B: no value is said when a rotation is written, fought over and denied, driver ${generation}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const [first, second, third] = values;
    world.set("db", first);
    await world.untilOutcome("kv", "converged");
    assert.equal(world.blue.secretValue("default", "app", "k"), first);
    world.set("db", second);
    await world.until("it is written", () => world.blue.secretValue("default", "app", "k") === second);
    world.blue.patch("Secret", "default", "app", { data: { k: Buffer.from(first).toString("base64") } }, "somebody");
    await world.untilOutcome("kv", "converged");
    world.before = ({ verb, kind }) => {
      if (verb === "patch" && kind === "Secret") throw new RemoteProblem("rejected", "Could not patch.", 422);
    };
    world.set("db", third);
    await world.untilOutcome("kv", "failed(patch-rejected)");
    await reconcile(app);
    const said = JSON.stringify([world.log, world.queue.sent, world.queue.bodies(), world.results, marker(world)]);
    assert.ok(said.includes("write Secret/app (k)"), "the steps are said");
    assert.deepEqual(leaksIn(said, secrets), []);
    world.stop();
  });
}
