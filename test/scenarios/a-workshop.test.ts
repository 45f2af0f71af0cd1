import assert from "node:assert/strict";
import { test } from "node:test";
import { workshop, workshopVault } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

const className = "azure-keyvault-secrets";

for (const generation of bothGenerations) {
  for (const reloader of [false, true, 5000]) {
    const who =
      reloader === false
        ? "without Reloader the bridge restarts"
        : `Reloader restarts${reloader === true ? "" : " late"} and the bridge proves it`;
    test(`A9: ${who}, one restart in all, driver ${generation}`, async () => {
      const world = new World({ generation, reloader });
      const seen = witness(world);
      workshopVault(world);
      workshop(world, "secret-lab");
      await world.pass(60_000);
      world.start();
      await world.pass(60_000);
      world.set("color", "orange");
      await world.untilOutcome(className, "converged", "blue/secret-lab", 2 * 60_000);
      const wanted = { env: { PODINFO_UI_COLOR: "orange", DB: "Server=db" }, mounted: { color: "orange" } };
      assertRuns(world.blue, "podinfo-csi", wanted, "secret-lab");
      await world.pass(2 * 60 * 60_000);
      assertRuns(world.blue, "podinfo-csi", wanted, "secret-lab");
      assert.equal(seen.restarts("Deployment/podinfo-csi", "secret-lab").length, 1);
      assert.equal(startsOf(world.blue, "podinfo-csi", "secret-lab").length, 2);
      assert.deepEqual(world.steps("restart").length, reloader === false ? 1 : 0, "who restarted it");
      assert.deepEqual(seen.values("keyvault-secrets", "color", "secret-lab"), ["blue", "orange"]);
      assert.deepEqual(seen.values("keyvault-secrets", "db-connection-string", "secret-lab"), ["Server=db"]);
      world.stop();
    });
  }

  test(`A10: ten namespaces of one vault converge; the one that fails holds up nobody, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    const labs = Array.from({ length: 10 }, (_, index) => `lab-${index}`);
    workshopVault(world);
    labs.forEach((lab, index) => workshop(world, lab, `22222222-2222-2222-2222-22222222222${index}`));
    await world.pass(60_000);
    world.start();
    await world.pass(60_000);
    world.blue.crashWhen((start) => start.namespace === "lab-3" && start.env["PODINFO_UI_COLOR"] === "orange");
    world.set("color", "orange");
    const others = labs.filter((lab) => lab !== "lab-3");
    await world.until(
      "the other nine",
      () => others.every((lab) => world.outcome(className, `blue/${lab}`) === "converged"),
      60_000,
    );
    for (const lab of others) {
      assertRuns(world.blue, "podinfo-csi", { env: { PODINFO_UI_COLOR: "orange" }, mounted: { color: "orange" } }, lab);
      assert.equal(seen.restarts("Deployment/podinfo-csi", lab).length, 1);
    }
    await world.untilOutcome(className, "failed(rollout-stuck)", "blue/lab-3", 30 * 60_000);
    assert.ok(
      world.about(className, "blue/lab-3").some((about) => about.includes("CrashLoopBackOff")),
      "it names the pod's own reason",
    );
    const starts = startsOf(world.blue, "podinfo-csi", "lab-3");
    assert.ok(starts.some((start) => start.attempt === 0 && start.env["PODINFO_UI_COLOR"] === "blue"));
    assert.equal(
      world.blue.running("lab-3").filter((start) => start.env["PODINFO_UI_COLOR"] === "blue").length,
      1,
      "the old pod still serves",
    );
    await world.pass(2 * 60 * 60_000);
    for (const lab of labs) assert.equal(seen.restarts("Deployment/podinfo-csi", lab).length, 1, lab);
    world.stop();
  });
}
