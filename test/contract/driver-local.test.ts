import { VirtualClock } from "../../local/clock.ts";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { textAt } from "../../local/cluster/json.ts";
import { driverContract } from "./driver.ts";
import { rotationPace } from "./driver-subject.ts";
import { holdingsOf } from "./local-holdings.ts";
import { testVault } from "./test-vault.ts";

const namespace = "case";

for (const generation of ["1.5", "1.6"] as const) {
  for (const rotation of ["off", "on"] as const) {
    driverContract(`The stand-in's driver ${generation}, rotation ${rotation}`, rotation, async () => {
      const clock = new VirtualClock();
      const store = new VaultStore({ clock, vaults: ["contoso"] });
      const read = vaultPort(store);
      let reads = 0;
      const local = new LocalCluster({
        clock,
        name: "local",
        generation,
        rotation,
        pollIntervalMs: rotationPace.pollSeconds * 1000,
        timing: { resyncMs: rotationPace.syncSeconds * 1000 },
        vault: {
          current: (object, pin) => {
            reads += 1;
            return read.current(object, pin);
          },
          versions: (object) => read.versions(object),
        },
      });
      return {
        generation,
        rotation,
        namespace,
        cluster: clusterPort(local),
        held: holdingsOf(local.store),
        vault: testVault(store, "contoso", () => reads),
        starts: async () => local.starts.filter((start) => start.namespace === namespace),
        eventReasons: async () =>
          new Set(local.store.list("Event", namespace).items.map((event) => textAt(event, "reason"))),
        crash: async (value) => {
          local.crashWhen(({ env }) => env["C"] === value);
        },
        now: () => clock.now(),
        pass: (ms) => clock.advance(ms),
        end: async () => local.stop(),
      };
    });
  }
}
