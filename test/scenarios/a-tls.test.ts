import assert from "node:assert/strict";
import { test } from "node:test";
import { textAt } from "../../local/cluster/json.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import type { ObjectType } from "../../shared/core/vault-object.ts";
import { recorded } from "./certificates.ts";
import type { Certificate } from "./certificates.ts";
import { providerClass, workload } from "./manifests.ts";
import { reconcile, unheard } from "./one-app.ts";
import { driverRefreshesIn } from "./set-ups.ts";
import { witness } from "./truth.ts";
import { bothGenerations, World } from "./world.ts";
import type { Instance } from "./instance.ts";
import type { WorldOptions } from "./world-options.ts";

const pfx = [recorded("pfx-rsa2048-a"), recorded("pfx-p256-a")] as const;
const pem = [recorded("pem-rsa2048-a"), recorded("pem-p521-a")] as const;
const day = 24 * 60 * 60_000;

interface Ingress {
  readonly world: World;
  readonly instance: Instance;
  /** Every pair of tls.crt and tls.key that the Secret has held since the bridge came, in order. */
  readonly pairs: readonly { readonly crt: string; readonly key: string }[];
  readonly restarts: () => number;
  readonly renew: (certificate: Certificate) => void;
}

/** An Ingress controller of two pods mounts the class and watches the TLS Secret. The bridge comes when all of it runs. */
async function ingress(
  first: Certificate,
  options: Partial<WorldOptions> & Pick<WorldOptions, "generation">,
  before: (world: World) => Promise<void> = async () => undefined,
): Promise<Ingress> {
  const world = new World(options);
  world.vault.setCertificate("contoso", "site", first.parts, { createdOn: world.clock.now() - day });
  world.blue.apply(
    providerClass({
      name: "tls",
      objects: [{ objectName: "site" }],
      secrets: { "web-tls": { "tls.crt": "site", "tls.key": "site" } },
      types: { "web-tls": "kubernetes.io/tls" },
    }),
  );
  world.blue.apply(workload({ name: "ingress", replicas: 2, mounts: ["tls"] }));
  await world.pass(60_000);
  await before(world);
  const pairs: { crt: string; key: string }[] = [];
  world.blue.store.watch("Secret", undefined, ({ object }) => {
    const value = (key: string) => Buffer.from(textAt(object, "data", key), "base64").toString();
    pairs.push({ crt: value("tls.crt"), key: value("tls.key") });
  });
  const seen = witness(world);
  const instance = world.start();
  return {
    world,
    instance,
    pairs,
    restarts: () => seen.restarts("Deployment/ingress").length,
    renew: ({ parts }) => {
      world.mark();
      world.vault.setCertificate("contoso", "site", parts);
    },
  };
}

/** The Secret and what every pod has mounted are what provider and driver make of this certificate. */
function assertServes(world: World, { tls, file }: Certificate): void {
  assert.equal(world.blue.secretValue("default", "web-tls", "tls.crt"), tls.crt);
  assert.equal(world.blue.secretValue("default", "web-tls", "tls.key"), tls.key);
  assert.deepEqual(mounted(world), [file, file]);
}

/** The certificate's file in each pod now. */
function mounted(world: World): readonly (string | undefined)[] {
  return world.blue.running("default").map(({ pod }) => world.blue.mountedFiles("default", pod)["site"]);
}

function assertNeverMixed(pairs: Ingress["pairs"], certificates: readonly Certificate[]): void {
  assert.ok(pairs.every(({ crt, key }) => certificates.some(({ tls }) => tls.crt === crt && tls.key === key)));
}

for (const generation of bothGenerations) {
  for (const [format, rotation, [first, renewed]] of [
    ["PFX", "off", pfx],
    ["PFX", "on", pfx],
    ["PEM", "off", pem],
    ["PEM", "on", pem],
  ] as const) {
    test(`A7: a renewed ${format} certificate is one write of the driver's bytes and one rolling restart for its three events, ${generation} with rotation ${rotation}`, async () => {
      const { world, pairs, restarts, renew } = await ingress(first, { generation, rotation });
      assertServes(world, first);
      renew(renewed);
      await world.untilOutcome("tls", "converged");
      assertServes(world, renewed);
      await world.pass(3_600_000);
      assertServes(world, renewed);
      assert.equal(restarts(), 1);
      assert.deepEqual(world.steps("write"), ["write Secret/web-tls (tls.crt, tls.key)"]);
      assertNeverMixed(pairs, [first, renewed]);
      world.stop();
    });
  }

  for (const types of [["cert"], ["secret"], ["cert", "secret"], ["secret", "key", "cert"]] as const) {
    test(`A7: it makes no difference which events come (${types.join(", ")}), nor how far apart, ${generation}`, async () => {
      const { world, restarts, renew } = await ingress(pfx[0], { generation, eventDelayMs: undefined });
      renew(pfx[1]);
      for (const type of types) {
        tell(world, type);
        await world.pass(45_000);
      }
      await world.untilOutcome("tls", "converged");
      assertServes(world, pfx[1]);
      await world.pass(3_600_000);
      assert.equal(restarts(), 1);
      assert.equal(world.steps("write").length, 1);
      world.stop();
    });
  }

  for (const refreshMs of [500, 30_000]) {
    test(`A7: with restart: never and a driver that rotates, its refresh (${refreshMs} ms later) is awaited and proven and nothing restarted, ${generation}`, async () => {
      const never = "workloads: [{ kind: Deployment, name: ingress, restart: never }]";
      const { world, pairs, restarts, renew } = await ingress(pfx[0], { generation, map: never, rotation: "on" });
      await driverRefreshesIn(world, refreshMs);
      renew(pfx[1]);
      if (refreshMs > 10_000) {
        await world.untilOutcome("tls", "waiting(driver-refresh)", "blue/default", 10_000);
        assert.deepEqual(world.steps("write"), ["write Secret/web-tls (tls.crt, tls.key)"]);
        assert.equal(world.blue.secretValue("default", "web-tls", "tls.crt"), pfx[1].tls.crt);
        assert.deepEqual(mounted(world), [pfx[0].file, pfx[0].file], "written before the refresh");
      }
      await world.untilOutcome("tls", "converged");
      assertServes(world, pfx[1]);
      await world.pass(3_600_000);
      assertServes(world, pfx[1]);
      assert.equal(restarts(), 0);
      assertNeverMixed(pairs, pfx);
      world.stop();
    });
  }

  test(`A7: secret, certificate and key of one certificate in two Secrets change together, ${generation}`, async () => {
    const world = new World({ generation });
    world.vault.setCertificate("contoso", "site", pfx[0].parts, { createdOn: world.clock.now() - day });
    world.blue.apply(threeViews());
    world.blue.apply(workload({ name: "ingress", mounts: ["tls"], env: { PUBLIC: ["parts", "pub"] } }));
    await world.pass(60_000);
    const seen = witness(world);
    world.start();
    world.mark();
    world.vault.setCertificate("contoso", "site", pfx[1].parts);
    await world.untilOutcome("tls", "converged");
    const value = (secret: string, key: string) => world.blue.secretValue("default", secret, key);
    const { tls, file, leaf, publicKey } = pfx[1];
    assert.deepEqual([value("web-tls", "tls.crt"), value("web-tls", "tls.key")], [leaf, tls.key]);
    assert.deepEqual([value("parts", "full"), value("parts", "leaf"), value("parts", "pub")], [file, leaf, publicKey]);
    assert.deepEqual(
      world.blue.running("default").map(({ env }) => env["PUBLIC"]),
      [publicKey],
    );
    assert.equal(seen.restarts("Deployment/ingress").length, 1);
    world.stop();
  });

  test(`a certificate never gets another one's key: where the vault's answers are of two versions, they are read again, ${generation}`, async () => {
    const world = new World({ generation });
    world.vault.setCertificate("contoso", "site", pfx[0].parts, { createdOn: world.clock.now() - day });
    world.blue.apply(threeViews());
    world.blue.apply(workload({ name: "ingress", mounts: ["tls"] }));
    await world.pass(60_000);
    const seen = witness(world);
    world.start();
    world.mark();
    world.vault.setCertificate("contoso", "site", pfx[1].parts);
    world.vault.stale("contoso", "site", { until: world.clock.now() + 30_000 });
    await world.untilOutcome("tls", "waiting(vault-stale)");
    await world.untilOutcome("tls", "converged");
    assert.deepEqual(seen.values("web-tls", "tls.crt").slice(1), [pfx[1].leaf]);
    assert.deepEqual(seen.values("web-tls", "tls.key").slice(1), [pfx[1].tls.key]);
    assert.deepEqual(seen.values("parts", "leaf").slice(1), [pfx[1].leaf]);
    world.stop();
  });

  test(`unusable-tls: a key that does not fit its certificate goes nowhere, not even by the driver's hand, ${generation}`, async () => {
    const { world, restarts, renew } = await ingress(pem[0], { generation });
    const key = pem[0].parts.value.slice(0, pem[0].parts.value.indexOf("-----BEGIN CERTIFICATE"));
    const certificates = pem[1].parts.value.slice(pem[1].parts.value.indexOf("-----BEGIN CERTIFICATE"));
    renew({ ...pem[1], parts: { ...pem[1].parts, value: key + certificates } });
    await world.untilOutcome("tls", "refused(unusable-tls)");
    await world.pass(3_600_000);
    assertServes(world, pem[0]);
    assert.equal(restarts(), 0);
    renew(pem[1]);
    await world.untilOutcome("tls", "converged");
    assertServes(world, pem[1]);
    assert.equal(restarts(), 1);
    world.stop();
  });

  test(`bytes-not-reproduced: a TLS Secret that no version gives is left alone until the map says otherwise, ${generation}`, async () => {
    const foreign = Buffer.from(pem[1].tls.crt).toString("base64");
    const { world, instance, renew } = await ingress(pfx[0], { generation }, async (early) => {
      early.blue.patch("Secret", "default", "web-tls", { data: { "tls.crt": foreign } }, "kubectl-edit");
    });
    renew(pfx[1]);
    await world.untilOutcome("tls", "refused(bytes-not-reproduced)");
    assert.deepEqual(world.about("tls"), ["Secret/web-tls", "tls.crt"]);
    assert.deepEqual(world.steps("write"), []);
    instance.kill();
    world.mark();
    const waiving = world.start({ map: "policy: { replaceUnproven: [web-tls] }" });
    await reconcile({ world, bridge: waiving.bridge });
    await world.untilOutcome("tls", "converged");
    assertServes(world, pfx[1]);
    world.stop();
  });
}

test("a TLS Secret that stayed far behind is replaced, because one of the last versions gives its bytes (1.5)", async () => {
  const { world, renew } = await ingress(pfx[0], { generation: "1.5" }, async (early) => {
    for (const { parts } of [pem[0], pem[1]]) {
      early.vault.setCertificate("contoso", "site", parts);
      await unheard(early, 60_000);
    }
    early.blue.rolloutRestart("Deployment", "default", "ingress");
    await unheard(early, 60_000);
    assert.equal(early.blue.secretValue("default", "web-tls", "tls.crt"), pfx[0].tls.crt);
  });
  renew(pfx[1]);
  await world.untilOutcome("tls", "converged");
  assertServes(world, pfx[1]);
  world.stop();
});

function threeViews(): Record<string, unknown> {
  return providerClass({
    name: "tls",
    objects: [
      { objectName: "site", objectAlias: "full.pem" },
      { objectName: "site", objectAlias: "leaf.pem", objectType: "cert" },
      { objectName: "site", objectAlias: "pub.pem", objectType: "key" },
    ],
    secrets: {
      parts: { full: "full.pem", leaf: "leaf.pem", pub: "pub.pem" },
      "web-tls": { "tls.crt": "leaf.pem", "tls.key": "full.pem" },
    },
    types: { "web-tls": "kubernetes.io/tls" },
  });
}

/** The event of one of the certificate's objects. */
function tell(world: World, type: ObjectType): void {
  const newest = world.vault.versions("contoso", "site", type).at(-1);
  assert.ok(newest);
  world.queue.put(newVersionEvent("contoso", "site", newest, "event-grid", type));
}
