import { VirtualClock } from "../../local/clock.ts";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import { ApiError } from "../../local/cluster/api-error.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import { clusterContract } from "./cluster.ts";
import { holdingsOf, storeControls } from "./local-holdings.ts";

const missing = async () => ({ ok: false, problem: "not-found" }) as const;

clusterContract("The stand-in in this process", async () => {
  const local = new LocalCluster({
    clock: new VirtualClock(),
    name: "local",
    generation: "1.5",
    rotation: "off",
    vault: { current: missing, versions: missing },
    driverVisible: false,
  });
  const forbidden = new Set<string>();
  const cluster = clusterPort(local, {
    before: ({ verb, kind }) => {
      if (forbidden.has(`${verb} ${kind}`)) throw new ApiError(403, "Forbidden", `cannot ${verb} ${kind}`);
    },
  });
  return {
    cluster,
    held: holdingsOf(local.store),
    ...storeControls(local.store),
    forbid: async (verb, kind) => {
      forbidden.add(`${verb} ${kind}`);
    },
    end: async () => undefined,
  };
});
