/** `plan` before a rotation, held against the rotation: what it says is what then happens. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport, WorkloadPlan } from "../../shared/core/plan-report/plan-report-types.ts";
import type { Said } from "../../shared/core/said.ts";
import { recorded } from "./certificates.ts";
import { barePod, providerClass, workload } from "./manifests.ts";
import type { WorkloadSpec } from "./manifests.ts";
import { oneApp } from "./one-app.ts";
import { planOf } from "./reports.ts";
import type { ReportMap } from "./reports.ts";
import { holderPattern, setBefore, walkthrough, workshop, workshopVault } from "./set-ups.ts";
import { witness } from "./truth.ts";
import { bothGenerations, World } from "./world.ts";

function workloadsOf({ targets }: PlanReport): readonly WorkloadPlan[] {
  return targets.flatMap(({ workloads }) => workloads);
}

/** `Deployment/app restart 1`. */
function lines(report: PlanReport): readonly string[] {
  return workloadsOf(report).map(({ kind, name, action, wave }) =>
    [`${kind}/${name}`, action, ...(wave === undefined ? [] : [wave])].join(" "),
  );
}

interface SetUp {
  readonly what: string;
  readonly build: (world: World) => Promise<void>;
  /** The object that is rotated, and its class. */
  readonly name: string;
  readonly className: string;
  readonly namespace?: string;
  readonly says: readonly string[];
  /** Makes the new version; by default a secret's. */
  readonly rotate?: (world: World) => void;
}

const day = 24 * 60 * 60_000;

/** A7: secret, certificate and key of one certificate, in a TLS Secret and an Opaque one. */
async function certificate(world: World): Promise<void> {
  world.vault.setCertificate("contoso", "site", recorded("pfx-rsa2048-a").parts, {
    createdOn: world.clock.now() - day,
  });
  world.blue.apply(
    providerClass({
      name: "tls",
      objects: [
        { objectName: "site" },
        { objectName: "site", objectType: "cert", objectAlias: "leaf" },
        { objectName: "site", objectType: "key", objectAlias: "public" },
      ],
      secrets: { "web-tls": { "tls.crt": "site", "tls.key": "site" }, parts: { leaf: "leaf", public: "public" } },
      types: { "web-tls": "kubernetes.io/tls" },
    }),
  );
  world.blue.apply(workload({ name: "ingress", replicas: 2, mounts: ["tls"] }));
  await world.pass(60_000);
  world.blue.apply(workload({ name: "verifier", env: { LEAF: ["parts", "leaf"] } }));
  await world.pass(60_000);
}

/** Three versions of one object, of which two are mounted beside each other. */
async function history(world: World): Promise<void> {
  for (const age of [3, 2, 1])
    world.vault.setSecret("contoso", "signing", `key-${age}`, { createdOn: world.clock.now() - age * day });
  world.blue.apply(
    providerClass({
      name: "kv",
      objects: [{ objectName: "signing", objectVersionHistory: "2" }],
      secrets: { keys: { now: "signing/0", before: "signing/1" } },
    }),
  );
  world.blue.apply(workload({ name: "signer", mounts: ["kv"], env: { NOW: ["keys", "now"] } }));
  await world.pass(60_000);
  world.blue.apply(workload({ name: "verifier", env: { BEFORE: ["keys", "before"] } }));
  await world.pass(60_000);
}

const setUps: readonly SetUp[] = [
  {
    what: "the plain walkthrough",
    build: (world) => walkthrough(world),
    name: "Secret",
    className: "kv",
    says: ["Deployment/app restart 1"],
  },
  {
    what: "the holder pattern: the holder first, then the readers of that Secret, others not at all",
    build: holderPattern,
    name: "db",
    className: "kv",
    says: ["Deployment/holder restart 1", "Deployment/billing restart 2", "Deployment/shop restart 2"],
  },
  {
    what: "the workshop",
    build: async (world) => {
      workshopVault(world);
      workshop(world, "secret-lab");
      await world.pass(60_000);
    },
    name: "color",
    className: "azure-keyvault-secrets",
    namespace: "secret-lab",
    says: ["Deployment/podinfo-csi restart 1"],
  },
  {
    what: "readers by volume are left to the kubelet, what has no pods is left alone",
    build: async (world) => {
      await walkthrough(world);
      world.blue.apply(workload({ name: "files", volumes: ["syncedsecret"] }));
      world.blue.apply(workload({ name: "none", replicas: 0, env: { A: ["syncedsecret", "mysecret"] } }));
      world.blue.apply(workload({ kind: "DaemonSet", name: "each", env: { A: ["syncedsecret", "mysecret"] } }));
      await world.pass(60_000);
    },
    name: "Secret",
    className: "kv",
    says: ["Deployment/app restart 1", "DaemonSet/each restart 2", "Deployment/files refresh", "Deployment/none none"],
  },
  {
    what: "a certificate in all its forms",
    build: certificate,
    name: "site",
    className: "tls",
    says: ["Deployment/ingress restart 1", "Deployment/verifier restart 2"],
    rotate: (world) => void world.vault.setCertificate("contoso", "site", recorded("pfx-p256-a").parts),
  },
  {
    what: "an object with its history",
    build: history,
    name: "signing",
    className: "kv",
    says: ["Deployment/signer restart 1", "Deployment/verifier restart 2"],
  },
];

for (const generation of bothGenerations) {
  for (const { what, build, name, className, namespace = "default", says, rotate } of setUps) {
    test(`what plan says is what then happens: ${what}, driver ${generation}`, async () => {
      const world = new World({ generation });
      await build(world);
      const seen = witness(world);
      const report = await planOf(world, name);
      assert.deepEqual(lines(report), says);
      assert.deepEqual(seen.order(), [], "plan itself restarts nothing");
      assert.deepEqual(report.targets[0]?.dueNow, []);

      world.start();
      world.mark();
      if (rotate === undefined) world.set(name, "new");
      else rotate(world);
      await world.untilOutcome(className, "converged", `blue/${namespace}`);
      const restarts = workloadsOf(report).filter(({ action }) => action === "restart");
      const waves = new Map(restarts.map(({ kind, name: one, wave }) => [`${kind}/${one}`, wave]));
      assert.deepEqual([...seen.order()].sort(), [...waves.keys()].sort());
      const order = seen.order().map((one) => waves.get(one) ?? 0);
      assert.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
        "first wave first",
      );
      const written = world.steps("write").map((step) => /Secret\/(\S+)/.exec(step)?.[1]);
      assert.deepEqual(
        new Set(written),
        new Set(report.targets.flatMap(({ secrets }) => secrets.map((one) => one.name))),
      );
      world.stop();
    });
  }
}

interface Stop {
  readonly what: string;
  readonly shape?: Partial<WorkloadSpec>;
  readonly change?: (world: World) => void;
  readonly map?: ReportMap;
  readonly says: string;
  /** Whose `stopped` says it. */
  readonly of: "classes" | "secrets" | "workloads";
}

const stops: readonly Stop[] = [
  {
    what: "a paused Deployment",
    change: pause,
    says: "waiting workload-paused",
    of: "workloads",
  },
  {
    what: "OnDelete",
    shape: { kind: "StatefulSet", spec: { updateStrategy: { type: "OnDelete" } } },
    says: "waiting on-delete",
    of: "workloads",
  },
  {
    what: "a partition",
    shape: {
      kind: "StatefulSet",
      replicas: 2,
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    },
    says: "waiting partitioned",
    of: "workloads",
  },
  {
    what: "an owner's opt-out",
    shape: { annotations: { "rotation-bridge/ignore": "true" } },
    says: "waiting old-mount",
    of: "workloads",
  },
  {
    what: "restart: never while rotation is off",
    map: { map: "policy: { restart: never }" },
    says: "refused never-refreshes",
    of: "classes",
  },
  {
    what: "restart: never while rotation is on",
    map: { map: "policy: { restart: never }", cluster: "    driver: { rotation: on }" },
    says: "waiting driver-refresh",
    of: "workloads",
  },
  {
    what: "a Secret that is not the driver's",
    change: (world) =>
      world.blue.patch("Secret", "default", "app", {
        metadata: { labels: { "secrets-store.csi.k8s.io/managed": null } },
      }),
    says: "refused not-managed",
    of: "secrets",
  },
  {
    what: "a class that is ignored",
    change: (world) =>
      world.blue.patch("SecretProviderClass", "default", "kv", {
        metadata: { annotations: { "rotation-bridge/ignore": "true" } },
      }),
    says: "refused ignored",
    of: "classes",
  },
  {
    what: "another object of the class that is gone",
    change: (world) => {
      world.blue.apply(providerClass({ name: "kv", objects: ["db", "gone"], secrets: { app: { k: "db" } } }));
    },
    says: "refused object-missing",
    of: "classes",
  },
];

function pause(world: World): void {
  world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
}

for (const { what, shape = {}, change, map = {}, says, of } of stops) {
  test(`plan names what would stop it by its reason: ${what}`, async () => {
    const { world } = await oneApp({ generation: "1.6" }, shape);
    change?.(world);
    await world.pass(5000);
    const report = await planOf(world, "db", map);
    const stopped = report.targets
      .flatMap((target): readonly { readonly stopped?: Said }[] => target[of])
      .flatMap((one) => one.stopped ?? []);
    assert.deepEqual(
      stopped.map(({ outcome, reason }) => `${outcome} ${reason ?? ""}`),
      [says],
      JSON.stringify(report, undefined, 1),
    );
    assert.ok((stopped[0]?.sentence ?? "").length > 20);
    assert.ok(workloadsOf(report).every(({ action }) => action !== "restart") || of === "secrets");
    world.stop();
  });
}

test("a refused class is refused whatever the map's mode is, and the same as the bridge then says", async () => {
  const { world } = await oneApp({ generation: "1.5" });
  world.blue.apply(providerClass({ name: "kv", objects: ["db", "gone"], secrets: { app: { k: "db" } } }));
  const report = await planOf(world, "db", { map: "mode: act" });
  const said = report.targets[0]?.classes[0]?.stopped;
  world.set("db", "new");
  await world.untilOutcome("kv", `${said?.outcome ?? ""}(${said?.reason ?? ""})`);
  assert.deepEqual(said?.about, world.about("kv"));
  world.stop();
});

test("pods that nobody restarts are named: a Job's old mount, a bare reader", async () => {
  const { world } = await oneApp({ generation: "1.6" });
  world.blue.apply(barePod({ name: "mounter", mounts: ["kv"] }));
  world.blue.apply(barePod({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
  await world.pass(30_000);
  const report = await planOf(world, "db");
  assert.deepEqual(
    report.targets[0]?.pods.map(({ name, role, said }) => `${name} ${role} ${said.reason ?? ""}`).sort(),
    ["mounter mounter old-mount", "reader reader unmanaged-pod"],
  );
  world.stop();
});

test("what is due without a new version is told apart", async () => {
  const { world } = await oneApp({ generation: "1.6", mode: "observe" });
  world.set("db", "new");
  await world.pass(60_000);
  const report = await planOf(world, "db");
  assert.deepEqual(report.targets[0]?.dueNow, ["write Secret/app (k)"]);
  world.stop();
});

test("an object that only a pin mounts, or nobody, has no targets", async () => {
  const world = new World({ generation: "1.6" });
  setBefore(world, "db", "one");
  const pin = world.vault.versions("contoso", "db", "secret")[0]?.version ?? "";
  world.blue.apply(providerClass({ name: "kv", objects: [{ objectName: "db", objectVersion: pin }] }));
  const [pinned, unknown] = [await planOf(world, "db"), await planOf(world, "nothing")];
  assert.deepEqual([pinned.targets, unknown.targets], [[], []]);
  world.stop();
});
