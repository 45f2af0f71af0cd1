/**
 * `node test/rig/smoke.ts`: does the rig stand, and does what the bridge relies on hold on it? For each driver: a
 * class and a Deployment, a new version, the Secret patched as the bridge patches it, a restart by annotation.
 */

import assert from "node:assert/strict";
import { realClock } from "../../local/clock.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { mergePatch } from "./api.ts";
import { type DriverVersion, driverVersions } from "./go-build.ts";
import { startRig } from "./rig.ts";
import {
  allStartedWith,
  deploymentPath,
  fileOf,
  objects,
  patchSecret,
  restart,
  restartPatch,
  secretPath,
  secretSchema,
  startsAfter,
  vaultName,
  versions,
} from "./smoke-app.ts";
import { until } from "./until.ts";

const vault = new VaultStore({ clock: realClock() });
const keyVault = await startKeyVault({ store: vault, vault: vaultName });
try {
  const only = process.argv[2];
  for (const driver of driverVersions) if (only === undefined || only === driver) await smoke(driver);
} finally {
  await keyVault.close();
}

async function smoke(driver: DriverVersion): Promise<void> {
  const first = vault.setSecret(vaultName, "db-pass", `one-${driver}`);
  const vaults = { [vaultName]: keyVault.url };
  const say = (line: string) => console.log(`${driver}: ${line}`);
  const rig = await startRig({ driver, rotation: "off", nodes: 2, vaults, progress: say });
  const timed = async (what: string, work: () => Promise<void>) => {
    const start = Date.now();
    await work();
    say(`${what}: ${Date.now() - start} ms`);
  };
  try {
    for (const object of objects) await rig.admin.apply(object);
    await timed("first pods run with the first version", () => allStartedWith(rig, 2, first.value));
    assert.deepEqual(await versions(rig), [first.version, first.version]);

    const second = vault.setSecret(vaultName, "db-pass", `two-${driver}`);
    const restartedAt = Date.now();
    await timed("restart without a write", () => restart(rig));
    const unwritten = await startsAfter(rig, restartedAt);
    say(`  env of the new pods: ${unwritten.map(({ env }) => env["DB_PASS"]).join(", ")}`);
    assert.ok(
      unwritten.every((start) => fileOf(start) === second.value),
      "new pods mount the new version",
    );
    if (driver === "1.5.6") assert.ok(unwritten.every(({ env }) => env["DB_PASS"] === first.value));

    const third = vault.setSecret(vaultName, "db-pass", `three-${driver}`);
    const writtenAt = Date.now();
    await timed("patch of the Secret", () => patchSecret(rig, third.value));
    await timed("restart after the write", () => restart(rig));
    const written = await startsAfter(rig, writtenAt);
    assert.equal(written.length, 2);
    assert.ok(
      written.every(({ env }) => env["DB_PASS"] === third.value),
      "new pods start with what was written",
    );
    assert.ok(written.every((start) => fileOf(start) === third.value));
    await timed("old pods gone, all statuses new", () =>
      until("statuses", rig, async () => {
        const found = await versions(rig);
        return found.length === 2 && found.every((version) => version === third.version);
      }),
    );
    const secret = secretSchema.parse(await rig.admin.must("GET", secretPath));
    assert.equal(Buffer.from(secret.data["password"] ?? "", "base64").toString(), third.value);
    say(`  managers: ${secret.metadata.managedFields.map(({ manager }) => manager).join(", ")}`);

    await rig.behave({ exits: [{ env: { DB_PASS: "bad" }, exitCode: 1 }] });
    const badAt = Date.now();
    // In the vault too: driver 1.6 writes what a new pod has mounted before that pod's env is read.
    vault.setSecret(vaultName, "db-pass", "bad");
    await patchSecret(rig, "bad");
    await rig.admin.must("PATCH", deploymentPath, restartPatch(), mergePatch);
    await timed("a container that crashes on its env is started again in place", () =>
      until("a second attempt", rig, async () => (await startsAfter(rig, badAt)).some(({ attempt }) => attempt > 0)),
    );
    await timed("driver of node1 killed and started anew", () => rig.restartDriver("node1"));
    await rig.check();
  } finally {
    await timed("stop", () => rig.stop());
  }
}
