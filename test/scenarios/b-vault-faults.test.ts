/** B6 and B7: the vault does not give the new version, or not another object of the class. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import { providerClass, workload } from "./manifests.ts";
import { assertRuns, assertUntouched, oneApp, reconcile, reconcileUntil, soFar, unheard } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const passing: readonly { readonly name: string; readonly fault: VaultFault }[] = [
  { name: "throttles without Retry-After", fault: { kind: "throttled" } },
  { name: "throttles with Retry-After", fault: { kind: "throttled", retryAfterSeconds: 20 } },
  { name: "answers 500", fault: { kind: "server-error" } },
  { name: "answers 503", fault: { kind: "server-error", status: 503 } },
  { name: "hangs", fault: { kind: "hang" } },
  { name: "breaks the connection", fault: { kind: "reset" } },
];

for (const generation of bothGenerations) {
  test(`B6: a new version that is disabled is refused, driver ${generation}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const before = soFar(world);
    const version = world.set("db", "new", { enabled: false });
    await world.untilOutcome("kv", "refused(object-disabled)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/db"]);
    await world.pass(2 * 3_600_000);
    assertUntouched(world, before);
    assertRuns(world, "old");
    assert.equal(world.queue.size, 0, "a refusal sends nothing more");
    world.vault.enable("contoso", "db", version.version);
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });

  test(`B6: an object that was deleted after its event is refused, driver ${generation}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const before = soFar(world);
    world.set("db", "new");
    world.vault.remove("contoso", "db");
    await world.untilOutcome("kv", "refused(object-missing)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/db"]);
    await world.pass(2 * 3_600_000);
    assertUntouched(world, before);
    // Made anew under the same name, it is another object: nobody here has mounted it yet.
    world.set("db", "again");
    await world.untilOutcome("kv", "waiting(not-yet-mounted)");
    assertUntouched(world, before);
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.untilOutcome("kv", "converged", "blue/default", 3_600_000);
    assertRuns(world, "again");
    world.stop();
  });

  test(`B6: an object that the bridge may not read is refused, driver ${generation}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const before = soFar(world);
    const granted = world.vault.faults.add({ name: "db" }, { kind: "forbidden" });
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(object-forbidden)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/db"]);
    await world.pass(2 * 3_600_000);
    assertUntouched(world, before);
    granted();
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });

  for (const { name, fault } of passing) {
    test(`B6: a vault that ${name} for ten minutes is asked again, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const before = soFar(world);
      const over = world.vault.faults.add({ name: "db" }, fault);
      world.set("db", "new");
      await world.untilOutcome("kv", "waiting(vault-unavailable)");
      assert.deepEqual(world.about("kv"), ["contoso/secret/db"]);
      await world.pass(600_000);
      assertUntouched(world, before);
      over();
      await world.untilOutcome("kv", "converged", "blue/default", 3_600_000);
      assertRuns(world, "new");
      assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
      world.stop();
    });
  }

  test(`B6: a vault that hangs holds up one call for its time-out and no longer, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    world.vault.faults.add({ name: "db" }, { kind: "hang" }, 1);
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/default", 60_000);
    assertRuns(world, "new");
    world.stop();
  });

  const dates = [
    { problem: "expired", options: { expiresOn: Date.UTC(2025, 0, 1) } },
    { problem: "not-yet-valid", options: { notBefore: Date.UTC(2027, 0, 1) } },
  ] as const;
  for (const { problem, options } of dates) {
    test(`B6: a version that is ${problem} is followed as the driver follows it, with a warning, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const version = world.set("db", "new", options);
      await world.untilOutcome("kv", "converged");
      assertRuns(world, "new");
      const warnings = world.log.filter((line) => line.event === "version-dates");
      assert.deepEqual(
        warnings.map(({ level, fields }) => ({ level, ...fields })),
        [{ level: "warn", target: "blue/default", object: "contoso/secret/db", version: version.version, problem }],
      );
      world.stop();
    });
  }

  const unavailable = [
    { what: "disabled", reason: "refused(object-disabled)", fault: undefined },
    { what: "deleted", reason: "refused(object-missing)", fault: { kind: "not-found" } },
    { what: "forbidden", reason: "refused(object-forbidden)", fault: { kind: "forbidden" } },
    { what: "out of reach", reason: "waiting(vault-unavailable)", fault: { kind: "server-error" } },
  ] as const;
  for (const { what, reason, fault } of unavailable) {
    test(`B7: while another object of the class is ${what}, nothing is written and nothing restarted, driver ${generation}`, async () => {
      const world = new World({ generation });
      world.set("db", "old");
      const other = world.set("other", "o1");
      world.blue.apply(providerClass({ name: "kv", objects: ["db", "other"], secrets: { app: { k: "db" } } }));
      world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
      await unheard(world, 660_000);
      const { bridge } = world.start();
      const before = soFar(world);
      const mend =
        fault === undefined
          ? () => world.vault.enable("contoso", "other", other.version)
          : world.vault.faults.add({ name: "other" }, fault);
      if (fault === undefined) world.vault.disable("contoso", "other", other.version);
      world.set("db", "new");
      await world.untilOutcome("kv", reason);
      assert.deepEqual(world.about("kv"), ["contoso/secret/other"]);
      await world.pass(1_800_000);
      assertUntouched(world, before);
      assertRuns(world, "old");
      mend();
      await reconcile({ world, bridge });
      await world.untilOutcome("kv", "converged", "blue/default", 2 * 3_600_000);
      assertRuns(world, "new");
      world.stop();
    });
  }

  test(`B7: a workload that mounts a second class whose object is missing holds up the first, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    world.set("other", "o1");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(providerClass({ name: "kv2", objects: ["other"] }));
    world.blue.apply(workload({ name: "app", mounts: ["kv", "kv2"], env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    const before = soFar(world);
    world.vault.remove("contoso", "other");
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(mounted-with-refused)");
    assert.deepEqual(world.about("kv"), ["SecretProviderClass/kv2"]);
    assert.equal(world.outcome("kv2"), "refused(object-missing)");
    await world.pass(1_800_000);
    assertUntouched(world, before);
    world.stop();
  });
}
