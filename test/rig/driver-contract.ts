/**
 * `node --test test/rig/driver-contract.ts`: what the bridge relies on, with the real drivers, kubelets and controllers;
 * the bridge's calls through the real client as a user who may do only what it needs. One rig for each driver and
 * rotation, two at a time.
 */

import { after, before, describe } from "node:test";
import { z } from "zod";
import { realClock } from "../../local/clock.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import type { KeyVaultServer } from "../../local/key-vault/http-server.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { fixedToken } from "../../shared/adapters/kubernetes/token.ts";
import { driverContract } from "../contract/driver.ts";
import { rotationPace } from "../contract/driver-subject.ts";
import type { DriverSubject, Rotation } from "../contract/driver-subject.ts";
import { testVault } from "../contract/test-vault.ts";
import { grantBridge } from "./bridge-role.ts";
import { type DriverVersion, driverVersions } from "./go-build.ts";
import { collection, holdingsOf } from "./holdings.ts";
import type { ExitRule } from "./nodes.ts";
import type { ContainerStart } from "./records.ts";
import { type Rig, startRig } from "./rig.ts";

const clock = realClock();
const pace = { pollInterval: `${rotationPace.pollSeconds}s`, syncSeconds: rotationPace.syncSeconds };

describe("The real drivers", { concurrency: 2 }, () => {
  for (const rotation of ["off", "on"] as const) {
    for (const driver of driverVersions) contractOf(driver, rotation);
  }
});

function contractOf(driver: DriverVersion, rotation: Rotation): void {
  describe(`The real driver ${driver}, rotation ${rotation}`, { concurrency: 6 }, () => {
    let running: Rig | undefined;
    let cases = 0;
    const store = new VaultStore({ clock });
    const vaults = new Map<string, KeyVaultServer>();
    const exits: ExitRule[] = [];
    let vaultsKnown = Promise.resolve();

    before(async () => {
      running = await startRig({
        driver,
        rotation,
        nodes: 2,
        ...(rotation === "on" ? pace : {}),
        progress: console.log,
      });
      await grantBridge(running, running);
      await running.behave({ sandboxDelay: 500 });
    });
    after(async () => {
      await running?.stop();
      for (const vault of vaults.values()) await vault.close();
    });

    driverContract(driver, rotation, async (): Promise<DriverSubject> => {
      const rig = running;
      if (rig === undefined) throw new Error("The rig does not run.");
      cases += 1;
      const namespace = `case-${cases}`;
      const name = `kv-${driver}-${cases}`;
      const keyVault = await startKeyVault({ store, vault: name });
      vaults.set(name, keyVault);
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
        rotation,
        namespace,
        cluster,
        held: holdingsOf(rig.admin),
        vault: testVault(store, name, () => keyVault.requests.length),
        starts: async () => (await rig.starts()).filter((start) => start.namespace === namespace).map(asSeenInside),
        eventReasons: async () => {
          const events = eventsSchema.parse(await rig.admin.must("GET", collection("Event", namespace)));
          return new Set(events.items.map(({ reason }) => reason));
        },
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

const eventsSchema = z.object({ items: z.array(z.object({ reason: z.string() })) });

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
