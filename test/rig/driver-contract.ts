/**
 * `node --test test/rig/driver-contract.ts`: what the bridge relies on, with the real drivers, kubelets and controllers;
 * the bridge's calls through the real client as a user who may do only what it needs. One rig for each driver.
 */

import { after, before, describe } from "node:test";
import { realClock } from "../../local/clock.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import type { KeyVaultServer } from "../../local/key-vault/http-server.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { fixedToken } from "../../shared/adapters/kubernetes/token.ts";
import { driverContract } from "../contract/driver.ts";
import type { DriverSubject } from "../contract/driver-checks.ts";
import { testVault } from "../contract/test-vault.ts";
import { grantBridge } from "./bridge-role.ts";
import { driverVersions } from "./go-build.ts";
import { holdingsOf } from "./holdings.ts";
import type { ExitRule } from "./nodes.ts";
import type { ContainerStart } from "./records.ts";
import { type Rig, startRig } from "./rig.ts";

const clock = realClock();

for (const driver of driverVersions) {
  describe(`The real driver ${driver}`, { concurrency: 6 }, () => {
    let running: Rig | undefined;
    let cases = 0;
    const store = new VaultStore({ clock });
    const vaults = new Map<string, KeyVaultServer>();
    const exits: ExitRule[] = [];
    let vaultsKnown = Promise.resolve();

    before(async () => {
      running = await startRig({ driver, rotation: "off", nodes: 2, progress: console.log });
      await grantBridge(running, running);
      await running.behave({ sandboxDelay: 500 });
    });
    after(async () => {
      await running?.stop();
      for (const vault of vaults.values()) await vault.close();
    });

    driverContract(driver, async (): Promise<DriverSubject> => {
      const rig = running;
      if (rig === undefined) throw new Error("The rig does not run.");
      cases += 1;
      const namespace = `case-${cases}`;
      const name = `kv-${driver}-${cases}`;
      vaults.set(name, await startKeyVault({ store, vault: name }));
      // One after the other: each call replaces the whole file.
      vaultsKnown = vaultsKnown.then(() =>
        rig.setVaults(Object.fromEntries([...vaults].map(([vault, { url }]) => [vault, url]))),
      );
      await vaultsKnown;
      await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      const { server, ca, tokens } = rig;
      const cluster = createKubernetesCluster({ server, caData: ca, token: fixedToken(tokens.bridge), clock });
      return {
        generation: driver === "1.5.6" ? "1.5" : "1.6",
        namespace,
        cluster,
        held: holdingsOf(rig.admin),
        vault: testVault(store, name),
        starts: async () => (await rig.starts()).filter((start) => start.namespace === namespace).map(asSeenInside),
        crash: async (value) => {
          exits.push({ namespace, env: { C: value }, exitCode: 1 });
          await rig.behave({ sandboxDelay: 500, exits });
        },
        now: () => Date.now(),
        pass: async (ms) => {
          await clock.sleep(ms);
          await rig.check();
        },
        end: async () => {
          await cluster.close();
          await rig.admin.must("DELETE", `/api/v1/namespaces/${namespace}`);
        },
      };
    });
  });
}

/** The rig records files by volume; the cases' volumes are named after where they are mounted. */
function asSeenInside({ pod, podUid, env, files }: ContainerStart): ContainerStartSeen {
  const seen = Object.entries(files).flatMap(([volume, content]) =>
    Object.entries(content).map(
      ([path, bytes]) =>
        [`${volume.replace(/^class-/, "/mnt/").replace(/^secret-/, "/secrets/")}/${path}`, bytes.toString()] as const,
    ),
  );
  return { pod, podUid, env, files: Object.fromEntries(seen) };
}

type ContainerStartSeen = Awaited<ReturnType<DriverSubject["starts"]>>[number];
