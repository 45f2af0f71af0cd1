/** A8: "which version does my pod use?", answered from the pods' own statuses beside the vault's current version. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../local/cluster/api-error.ts";
import type { PortCall } from "../../local/cluster/cluster-port.ts";
import type { ClassStatus, StatusReport } from "../../shared/core/status-report/status-report-types.ts";
import { barePod, providerClass, workload } from "./manifests.ts";
import { applyApp, pods } from "./one-app.ts";
import { statusOf } from "./reports.ts";
import { driverRefreshesIn, holderPattern, setBefore, walkthrough } from "./set-ups.ts";
import { bothGenerations, World } from "./world.ts";

function classOf(report: StatusReport, name: string): ClassStatus {
  const found = report.targets.flatMap(({ classes }) => classes).find((item) => item.name === name);
  assert.ok(found, JSON.stringify(report));
  return found;
}

/** `Deployment/app secret/Secret current`, each as often as there are pods of which it is true. */
function standings({ pods: rows }: ClassStatus): readonly string[] {
  return rows.flatMap(({ owner, versions }) =>
    versions.map(({ id, state }) => `${owner ?? "nobody's"} ${id} ${state}`),
  );
}

for (const generation of bothGenerations) {
  test(`A8: every pod shows the version it has mounted, beside the vault's current one, driver ${generation}`, async () => {
    const world = new World({ generation });
    await walkthrough(world, { app: { replicas: 2 } });
    const first = world.vault.versions("contoso", "Secret", "secret").at(-1)?.version;

    const atRest = await statusOf(world);
    const resting = classOf(atRest, "kv");
    assert.equal(atRest.allCurrent, true);
    assert.deepEqual(
      resting.objects.map(({ id, version, pinned }) => ({ id, version, pinned })),
      [{ id: "secret/Secret", version: first, pinned: false }],
    );
    assert.deepEqual(resting.pods.map(({ pod }) => pod).sort(), [...pods(world)].sort());
    for (const { by, ready, versions } of resting.pods) {
      assert.deepEqual(
        { by, ready, versions },
        {
          by: "mount",
          ready: true,
          versions: [{ id: "secret/Secret", version: first, state: "current" }],
        },
      );
    }

    const second = world.set("Secret", "new").version;
    const behind = await statusOf(world);
    assert.equal(behind.allCurrent, false);
    assert.equal(classOf(behind, "kv").objects[0]?.version, second);
    assert.deepEqual(
      classOf(behind, "kv").pods.map(({ versions }) => versions[0]),
      [0, 1].map(() => ({ id: "secret/Secret", version: first, state: "old" })),
    );
    assert.deepEqual(classOf(behind, "kv").secrets, [{ name: "syncedsecret", state: "old", keys: ["mysecret"] }]);

    world.start();
    await world.untilOutcome("kv", "converged");
    const after = await statusOf(world);
    assert.equal(after.allCurrent, true, JSON.stringify(after));
    assert.ok(classOf(after, "kv").pods.every(({ versions }) => versions[0]?.version === second));
    world.stop();
  });

  test(`A8: while the rollout runs some pods are old and some current, and not all is current, driver ${generation}`, async () => {
    const world = new World({ generation });
    await walkthrough(world, { app: { replicas: 4 } });
    world.start();
    world.set("Secret", "new");
    const seen = new Set<string>();
    for (let look = 0; look < 200 && world.outcome("kv") !== "converged"; look += 1) {
      await world.pass(250);
      const report = await statusOf(world);
      const found = new Set(standings(classOf(report, "kv")).map((text) => text.split(" ").at(-1)));
      if (found.has("old") && found.has("current")) seen.add("both");
      if (found.has("old")) assert.equal(report.allCurrent, false);
    }
    assert.equal(world.outcome("kv"), "converged");
    assert.ok(seen.has("both"));
    world.stop();
  });

  test(`A8: pods that only read the Secret are told by what proves their start, driver ${generation}`, async () => {
    const world = new World({ generation });
    await holderPattern(world);
    const row = (owner: string, id: string, state: string) => `${owner} ${id} ${state}`;
    assert.deepEqual(standings(classOf(await statusOf(world), "kv")).toSorted(), [
      row("Deployment/billing", "secret/db", "current"),
      row("Deployment/holder", "secret/color", "current"),
      row("Deployment/holder", "secret/db", "current"),
      row("Deployment/holder", "secret/mail", "current"),
      row("Deployment/painter", "secret/color", "current"),
      row("Deployment/shop", "secret/db", "current"),
      row("Deployment/shop", "secret/db", "current"),
    ]);
    world.start();
    world.set("db", "db-2");
    await world.untilOutcome("kv", "converged");
    const third = world.set("db", "db-3");
    const behind = classOf(await statusOf(world), "kv");
    const shop = behind.pods.filter(({ owner }) => owner === "Deployment/shop");
    assert.deepEqual([shop.length, shop.every(({ by }) => by === "env")], [2, true]);
    for (const { versions } of shop) {
      assert.equal(versions[0]?.state, "old");
      assert.notEqual(versions[0]?.version, third.version);
      assert.match(versions[0]?.version ?? "", /^[0-9a-f]{32}$/, "the marker tells which one it is");
    }
    world.stop();
  });
}

for (const generation of bothGenerations) {
  test(`A8: a driver that rotates brings the file to running pods, and env stays old until a restart, driver ${generation}`, async () => {
    const world = new World({ generation, rotation: "on", mode: "observe" });
    await walkthrough(world);
    world.set("Secret", "new");
    await driverRefreshesIn(world, 0);
    await world.pass(240_000);
    const report = await statusOf(world);
    const rows = classOf(report, "kv").pods.flatMap(({ by, versions }) =>
      versions.map(({ state }) => `${by} ${state}`),
    );
    assert.deepEqual(rows, ["mount current", "env old"]);
    assert.deepEqual(classOf(report, "kv").secrets, [{ name: "syncedsecret", state: "current", keys: [] }]);
    assert.equal(report.allCurrent, false);
    world.stop();
  });
}

test("A8: a bare pod that only reads the Secret counts once the class has converged", async () => {
  const world = new World({ generation: "1.6" });
  await walkthrough(world);
  world.blue.apply(barePod({ name: "lonely", env: { A: ["syncedsecret", "mysecret"] } }));
  await world.pass(60_000);
  const lonely = async () => standings(classOf(await statusOf(world), "kv")).filter((row) => row.startsWith("nobody"));
  assert.deepEqual(await lonely(), ["nobody's secret/Secret current"]);
  world.start();
  world.set("Secret", "new");
  await world.untilOutcome("kv", "waiting(unmanaged-pod)");
  assert.deepEqual(await lonely(), ["nobody's secret/Secret unknown"]);
  world.stop();
});

/** What pods of the holder pattern get: variable -> object. */
const variables = { DB: "db", password: "db", COLOR: "color" } as const;

for (const generation of bothGenerations) {
  for (const rotation of ["on", "off"] as const) {
    test(`A8: no pod is ever said to run what it does not run, at any moment of two rotations, driver ${generation}, rotation ${rotation}`, async () => {
      const world = new World({ generation, rotation });
      await holderPattern(world);
      world.start();
      const values = new Map<string, string>([
        ["db", "db-1"],
        ["color", "color-1"],
        ["mail", "mail-1"],
      ]);
      const set = (name: string, value: string) => {
        values.set(name, value);
        world.set(name, value);
      };
      const seen = new Map<string, number>();
      for (let look = 0; look < 160; look += 1) {
        if (look === 4) set("db", "db-2");
        if (look === 15) set("color", "color-2");
        if (look === 80) set("db", "db-3");
        const starts = new Map(world.blue.running("default").map((start) => [start.pod, start]));
        const report = await statusOf(world);
        for (const { pod, by, versions } of classOf(report, "kv").pods) {
          const start = starts.get(pod);
          const mounts = world.blue.mountedFiles("default", pod);
          for (const { id, state } of versions) {
            seen.set(`${by} ${state}`, (seen.get(`${by} ${state}`) ?? 0) + 1);
            const name = id.replace("secret/", "");
            const runs =
              by === "mount"
                ? [mounts[name]]
                : Object.entries(start?.env ?? {}).flatMap(([key, value]) =>
                    Object.entries(variables).some((one) => one[0] === key && one[1] === name) ? [value] : [],
                  );
            if (start === undefined || runs.length === 0) continue;
            const about = `${pod} ${by} ${id} runs ${runs.join()} is said to be ${state}`;
            if (state === "current")
              assert.ok(
                runs.every((value) => value === values.get(name)),
                about,
              );
            if (state === "old")
              assert.ok(
                runs.every((value) => value !== values.get(name)),
                about,
              );
          }
        }
        if (report.allCurrent)
          assert.equal(world.blue.secretValue("default", "database", "password"), values.get("db"));
        await world.pass(500);
      }
      assert.ok((seen.get("mount old") ?? 0) > 0 && (seen.get("env old") ?? 0) > 0, JSON.stringify([...seen]));
      assert.equal((await statusOf(world)).allCurrent, true);
      world.stop();
    });
  }
}

test("A8: each version of an object with history has a row of its own", async () => {
  const world = new World({ generation: "1.6" });
  const day = 24 * 60 * 60_000;
  for (const age of [3, 2, 1])
    world.vault.setSecret("contoso", "db", `key-${age}`, { createdOn: world.clock.now() - age * day });
  world.blue.apply(
    providerClass({
      name: "kv",
      objects: [{ objectName: "db", objectVersionHistory: "2" }],
      secrets: { app: { k: "db/0" } },
    }),
  );
  world.blue.apply(workload({ name: "app", mounts: ["kv"] }));
  await world.pass(60_000);
  const before = await statusOf(world);
  assert.equal(before.allCurrent, true, JSON.stringify(before));
  const ids = classOf(before, "kv").objects.map(({ id }) => id);
  assert.deepEqual(ids, ["secret/db/0", "secret/db/1", "secret/db/2"]);
  world.set("db", "new");
  assert.deepEqual(
    standings(classOf(await statusOf(world), "kv")),
    ids.map((id) => `Deployment/app ${id} old`),
  );
  world.stop();
});

test("A8: a pinned object is current at its pin, whatever the vault's newest version is", async () => {
  const world = new World({ generation: "1.6" });
  setBefore(world, "db", "one");
  const pin = world.vault.versions("contoso", "db", "secret")[0]?.version ?? "";
  world.blue.apply(
    providerClass({ name: "kv", objects: [{ objectName: "db", objectVersion: pin }], secrets: { app: { k: "db" } } }),
  );
  world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
  await world.pass(60_000);
  world.set("db", "two");
  const report = await statusOf(world);
  assert.deepEqual(
    classOf(report, "kv").objects.map(({ version, pinned }) => [version, pinned]),
    [[pin, true]],
  );
  assert.deepEqual(standings(classOf(report, "kv")), ["Deployment/app secret/db current"]);
  world.stop();
});

test("A8: old mounts of pods that nobody restarts are shown with whose they are", async () => {
  const world = new World({ generation: "1.5" });
  setBefore(world, "db", "one");
  applyApp(world);
  world.blue.apply(barePod({ name: "lonely", mounts: ["kv"] }));
  await world.pass(60_000);
  world.start();
  world.set("db", "two");
  await world.untilOutcome("kv", "waiting(old-mount)");
  const report = await statusOf(world);
  assert.equal(report.allCurrent, false);
  assert.deepEqual([...standings(classOf(report, "kv"))].sort(), [
    "Deployment/app secret/db current",
    "nobody's secret/db old",
  ]);
  assert.deepEqual(classOf(report, "kv").said.reason, "old-mount");
  world.stop();
});

test("A8: who may list the vault and not read its values is told which pod is current all the same", async () => {
  const world = new World({ generation: "1.6" });
  await walkthrough(world);
  world.vault.faults.add({ call: "get" }, { kind: "forbidden" });
  const atRest = classOf(await statusOf(world), "kv");
  assert.deepEqual(standings(atRest), ["Deployment/app secret/Secret current"]);
  assert.equal(atRest.said.reason, "object-forbidden");
  const { version } = world.set("Secret", "new");
  const report = await statusOf(world);
  assert.deepEqual(
    classOf(report, "kv").objects.map((object) => [object.version, object.problem]),
    [[version, "forbidden"]],
  );
  assert.deepEqual(standings(classOf(report, "kv")), ["Deployment/app secret/Secret old"]);
  assert.equal(report.allCurrent, false);
  world.stop();
});

test("A8: a version that the vault does not give is told, and no pod counts as current", async () => {
  const world = new World({ generation: "1.6" });
  await walkthrough(world);
  const version = world.vault.versions("contoso", "Secret", "secret").at(-1)?.version ?? "";
  world.vault.disable("contoso", "Secret", version, "secret");
  const report = await statusOf(world);
  assert.deepEqual(
    classOf(report, "kv").objects.map(({ problem }) => problem),
    ["disabled"],
  );
  assert.deepEqual(standings(classOf(report, "kv")), ["Deployment/app secret/Secret unknown"]);
  assert.equal(report.allCurrent, false);
  assert.equal(classOf(report, "kv").said.reason, "object-disabled");
  world.stop();
});

test("A8: a cluster that does not answer leaves the others readable, and is named", async () => {
  const world = new World({ generation: "1.6", clusters: ["red"] });
  await walkthrough(world);
  const down = (name: string) => {
    if (name === "red") throw new ApiError(503, "ServiceUnavailable", "down");
  };
  const report = await statusOf(world, { before: down });
  assert.deepEqual(
    report.targets.map(({ cluster, namespace }) => [cluster, namespace]),
    [["blue", "default"]],
  );
  assert.deepEqual(
    report.unread.map(({ cluster, said }) => [cluster, said.reason]),
    [["red", "cluster-unreachable"]],
  );
  assert.equal(report.allCurrent, false);
  world.stop();
});

test("A8: who may not read a Secret still sees which pod has mounted which version", async () => {
  const world = new World({ generation: "1.6" });
  await walkthrough(world);
  const denied = (_: string, { kind }: PortCall) => {
    if (kind === "Secret") throw new ApiError(403, "Forbidden", "no");
  };
  const report = await statusOf(world, { before: denied });
  assert.deepEqual(standings(classOf(report, "kv")), ["Deployment/app secret/Secret current"]);
  assert.deepEqual(classOf(report, "kv").secrets, [{ name: "syncedsecret", state: "unknown", keys: [] }]);
  assert.equal(classOf(report, "kv").said.reason, "no-rbac");
  assert.equal(report.allCurrent, false);
  world.stop();
});

test("A8: looking never writes, asks each object once, and reads nothing that the engine does not read", async () => {
  const world = new World({ generation: "1.5" });
  await walkthrough(world);
  world.set("Secret", "new");
  const calls: PortCall[] = [];
  const before = world.blue.store.resourceVersion;
  await statusOf(world, { map: "mode: act", before: (_, call) => void calls.push(call) });
  assert.deepEqual([...new Set(calls.map(({ verb }) => verb))].sort(), ["get", "list"]);
  assert.equal(world.blue.store.resourceVersion, before);
  world.stop();
});
