/**
 * A7: an Ingress controller mounts the class and watches the TLS Secret that the driver makes of a certificate; a proxy
 * gets the same Secret by env. All bytes that are expected were recorded from the real provider and driver.
 */

import assert from "node:assert/strict";
import type { ObjectType } from "../../../shared/core/vault-object.ts";
import type { Certificate } from "../../scenarios/certificates.ts";
import { filesNow } from "../live-volumes.ts";
import { pem, pfx } from "./certificates.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { nextSecond } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const secret = "web-tls";
const write = `write Secret/${secret} (tls.crt, tls.key)`;

/** The first certificate is served, and older than any version that comes from now on. */
async function serving(scene: Scene, first: Certificate): Promise<void> {
  scene.stage.vault.setCertificate(scene.vault, "site", first.parts, { createdOn: Date.now() - 86_400_000 });
  await scene.class({
    name: "tls",
    objects: ["site"],
    secrets: { [secret]: { "tls.crt": "site", "tls.key": "site" } },
    types: { [secret]: "kubernetes.io/tls" },
  });
  await scene.workload({ name: "ingress", replicas: 2, mounts: ["tls"], volumes: [secret] });
  await scene.settled("Deployment/ingress");
  await scene.workload({ name: "proxy", env: { CERTIFICATE: [secret, "tls.crt"], KEY: [secret, "tls.key"] } });
  await scene.settled("Deployment/proxy");
  await assertSecret(scene, first);
  await assertStarted(scene, first);
  await assertProxy(scene, first);
  await nextSecond(scene);
}

function renew(scene: Scene, { parts }: Certificate): void {
  scene.mark();
  scene.stage.vault.setCertificate(scene.vault, "site", parts);
}

/** The event of one of the objects that make the certificate up. */
async function tell(scene: Scene, type: ObjectType): Promise<void> {
  const newest = scene.stage.vault.versions(scene.vault, "site", type).at(-1);
  assert.ok(newest);
  await scene.announce("site", newest, type);
}

async function assertSecret(scene: Scene, { tls }: Certificate): Promise<void> {
  assert.equal(await scene.secretValue(secret, "tls.crt"), tls.crt);
  assert.equal(await scene.secretValue(secret, "tls.key"), tls.key);
}

/** The controller's containers started with this certificate, in the mounted class and in the Secret that they watch. */
async function assertStarted(scene: Scene, { tls, file }: Certificate): Promise<void> {
  await assertRuns(scene, "ingress", { pods: 2, files: { "tls/site": file }, versions: true });
  for (const { files } of await scene.live("ingress")) {
    assert.equal(files[`secret-${secret}`]?.["tls.crt"]?.toString(), tls.crt);
    assert.equal(files[`secret-${secret}`]?.["tls.key"]?.toString(), tls.key);
  }
}

function assertProxy(scene: Scene, { tls }: Certificate): Promise<void> {
  return assertRuns(scene, "proxy", { env: { CERTIFICATE: tls.crt, KEY: tls.key } });
}

/** The Secret has held the first pair, then the renewed one: never a half of each, and never the first one again. */
function assertTurnedOnce(scene: Scene, first: Certificate, renewed: Certificate): void {
  const isOf = (state: readonly string[], { tls }: Certificate) => state[0] === tls.crt && state[1] === tls.key;
  const states = scene.witness
    .states(secret, ["tls.crt", "tls.key"])
    .map((state) => (isOf(state, first) ? "first" : isOf(state, renewed) ? "renewed" : "neither"));
  assert.deepEqual(states, ["first", "renewed"]);
  assert.equal(scene.witness.lost(secret), 0);
}

async function assertRestarted(scene: Scene, first: Certificate, renewed: Certificate): Promise<void> {
  await assertSecret(scene, renewed);
  await assertStarted(scene, renewed);
  await assertProxy(scene, renewed);
  assertTurnedOnce(scene, first, renewed);
  assert.deepEqual(scene.witness.order(), ["Deployment/ingress", "Deployment/proxy"], "each restarted once");
  assert.deepEqual([(await scene.starts("ingress")).length, (await scene.starts("proxy")).length], [4, 2]);
  // A driver that rotates may have been faster.
  if (scene.rotating) assert.ok(scene.steps("write").length <= 1);
  else assert.deepEqual(scene.steps("write"), [write]);
}

export const certificates: readonly Scenario[] = [
  {
    id: "A7",
    title: "a renewed PFX certificate, both events: one write, one rolling restart",
    seconds: 50,
    run: async (scene) => {
      const [first, renewed] = pfx;
      await serving(scene, first);
      renew(scene, renewed);
      await tell(scene, "cert");
      await tell(scene, "secret");
      await scene.untilOutcome("tls", "converged");
      await assertRestarted(scene, first, renewed);
      // Where it rotates the driver looks at Secret and mounts again, and finds nothing to change.
      await scene.pass(scene.rotating ? 25_000 : 5000);
      await assertRestarted(scene, first, renewed);
    },
  },
  {
    id: "A7",
    title: "a renewed PEM certificate, one event; the other comes when all is done",
    seconds: 40,
    run: async (scene) => {
      const [first, renewed] = pem;
      await serving(scene, first);
      renew(scene, renewed);
      await tell(scene, "secret");
      await scene.untilOutcome("tls", "converged");
      await assertRestarted(scene, first, renewed);
      scene.mark();
      await tell(scene, "cert");
      await scene.untilOutcome("tls", "converged");
      await scene.pass(3000);
      await assertRestarted(scene, first, renewed);
    },
  },
  {
    id: "A7",
    title: "restart: never, and the driver rotates: its own refresh is awaited and proven",
    in: ({ rotation }) => rotation === "on",
    map: "workloads: [{ kind: Deployment, name: ingress, restart: never }]",
    seconds: 100,
    run: async (scene) => {
      const [first, renewed] = pfx;
      await serving(scene, first);
      renew(scene, renewed);
      await tell(scene, "cert");
      await tell(scene, "secret");
      await scene.untilOutcome("tls", "converged", 240_000);
      // Said of the pods' statuses, which the driver writes after the files.
      await assertRuns(scene, "ingress", { pods: 2, versions: true });
      const pods = await scene.live("ingress");
      for (const pod of pods) assert.deepEqual(await filesNow(scene.rig, pod, "class-tls"), { site: renewed.file });
      const { crt, key } = renewed.tls;
      await scene.until("the watched Secret in every pod", async () => {
        const seen = await Promise.all(pods.map((pod) => filesNow(scene.rig, pod, `secret-${secret}`)));
        return seen.every((files) => files["tls.crt"] === crt && files["tls.key"] === key);
      });
      await assertSecret(scene, renewed);
      await assertProxy(scene, renewed);
      assertTurnedOnce(scene, first, renewed);
      assert.deepEqual(scene.witness.order(), ["Deployment/proxy"], "only what reads by env is restarted, once");
      assert.deepEqual([(await scene.starts("ingress")).length, (await scene.starts("proxy")).length], [2, 2]);
      // The driver may have been faster, or have looked right after the write: what it left to wait for is in the statuses
      // above, which showed the renewed version the moment that `converged` was said.
      assert.ok(scene.steps("write").length <= 1);
    },
  },
];
