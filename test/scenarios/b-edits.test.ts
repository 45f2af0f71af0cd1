/** B16: somebody edits the class, the workload or the Secret while the bridge works. Their edit survives; the plan is made again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { at, textAt } from "../../local/cluster/json.ts";
import { providerClass, workload } from "./manifests.ts";
import { assertRuns, oneApp, passwords, reconcileUntil, started } from "./one-app.ts";
import type { Call } from "./remote-call.ts";
import type { World } from "./world.ts";
import { bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** Runs `edit` once, right before the first call that matches. */
function onceBefore(world: World, matches: (call: Call) => boolean, edit: () => void): void {
  let done = false;
  world.before = (call) => {
    if (done || !matches(call)) return;
    done = true;
    edit();
  };
}

const writesSecret = (call: Call) => call.verb === "patch" && call.kind === "Secret";
const restarts = (call: Call) => call.verb === "patch" && call.kind === "Deployment";

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`B16: a new image and more replicas between read and restart survive, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(world, restarts, () =>
      world.blue.apply(
        workload({ name: "app", replicas: 3, mounts: ["kv"], env: { PASSWORD: ["app", "k"], EXTRA: ["app", "k"] } }),
      ),
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.deepEqual(
      world.blue.running("default").map((start) => start.env["EXTRA"]),
      ["new", "new", "new"],
    );
    assert.ok(world.steps("restart").length <= 1);
    world.stop();
  });

  test(`B16: a scaling between read and restart survives, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(world, restarts, () => world.blue.scale("Deployment", "default", "app", 4));
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.equal(passwords(world).length, 4);
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B16: what somebody writes into the Secret beside our keys survives, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    const metadata = { labels: { team: "shop" }, annotations: { note: "mine" } };
    onceBefore(world, writesSecret, () => world.blue.patch("Secret", "default", "app", { metadata }));
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    const secret = world.blue.store.get("Secret", "default", "app");
    assert.deepEqual(
      [textAt(secret, "metadata", "labels", "team"), textAt(secret, "metadata", "annotations", "note")],
      ["shop", "mine"],
    );
    assert.equal(textAt(secret, "metadata", "labels", "secrets-store.csi.k8s.io/managed"), "true");
    assert.ok(at(secret, "metadata", "ownerReferences"), "owners stay");
    assertRuns(world, "new");
    world.stop();
  });

  test(`B16: a value that somebody writes into our key meanwhile is overwritten only by the vault's current one, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(world, writesSecret, () => {
      world.blue.patch("Secret", "default", "app", { data: { k: Buffer.from("by hand").toString("base64") } });
      world.set("db", "newest");
    });
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "newest");
    world.stop();
  });

  test(`B16: a class that names another object between read and write is followed, ${on}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    world.set("other", "o1");
    onceBefore(world, writesSecret, () => {
      world.blue.apply(providerClass({ name: "kv", objects: ["other"], secrets: { app: { k: "other" } } }));
    });
    world.set("db", "new");
    await world.pass(60_000);
    // The event was about an object that the class no longer names; the timer looks at all.
    await reconcileUntil(app, "kv", "waiting(class-changed)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/other"]);
    world.mark();
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.untilOutcome("kv", "converged");
    assert.equal(world.blue.secretValue("default", "app", "k"), "o1");
    assert.deepEqual(passwords(world), ["o1"]);
    world.stop();
  });

  test(`B16: a class that is deleted meanwhile is left alone, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(world, restarts, () => world.blue.delete("SecretProviderClass", "default", "kv"));
    world.set("db", "new");
    await world.pass(hour);
    assert.equal(world.queue.size, 0);
    assert.ok(started(world) <= 2);
    world.stop();
  });

  test(`B16: a class that its owner opts out of meanwhile is left alone, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(
      world,
      (call) => call.target === "vault",
      () => {
        world.blue.patch("SecretProviderClass", "default", "kv", {
          metadata: { annotations: { "rotation-bridge/ignore": "true" } },
        });
      },
    );
    const starts = started(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(ignored)");
    await world.pass(hour);
    assert.equal(started(world), starts);
    assert.equal(world.blue.secretValue("default", "app", "k"), "old");
    world.stop();
  });

  test(`B16: a namespace that is deleted meanwhile ends in peace, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    onceBefore(world, restarts, () => world.blue.delete("Namespace", "", "default"));
    world.set("db", "new");
    await world.pass(3 * hour);
    assert.equal(world.queue.size, 0);
    assert.deepEqual(world.queue.poison, []);
    assert.deepEqual(
      world.log.filter((line) => line.level === "error"),
      [],
    );
    world.stop();
  });
}
