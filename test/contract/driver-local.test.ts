import { VirtualClock } from "../../local/clock.ts";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { driverContract } from "./driver.ts";
import { holdingsOf } from "./local-holdings.ts";
import { testVault } from "./test-vault.ts";

const namespace = "case";

for (const generation of ["1.5", "1.6"] as const) {
  driverContract(`The stand-in's driver ${generation}`, async () => {
    const clock = new VirtualClock();
    const store = new VaultStore({ clock, vaults: ["contoso"] });
    const read = vaultPort(store);
    const local = new LocalCluster({
      clock,
      name: "local",
      generation,
      rotation: "off",
      vault: (object, pin) => read.current(object, pin),
    });
    return {
      generation,
      namespace,
      cluster: clusterPort(local),
      held: holdingsOf(local.store),
      vault: testVault(store, "contoso"),
      starts: async () => local.starts.filter((start) => start.namespace === namespace),
      crash: async (value) => {
        local.crashWhen(({ env }) => env["C"] === value);
      },
      now: () => clock.now(),
      pass: (ms) => clock.advance(ms),
      end: async () => local.stop(),
    };
  });
}
