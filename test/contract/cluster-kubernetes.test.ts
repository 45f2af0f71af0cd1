import { realClock } from "../../local/clock.ts";
import { startFront } from "../../local/cluster/http-front.ts";
import { Store } from "../../local/cluster/store.ts";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { clusterContract } from "./cluster.ts";
import { holdingsOf, storeControls } from "./local-holdings.ts";

clusterContract("The Kubernetes client over HTTP", async () => {
  const clock = realClock();
  const store = new Store(clock);
  const forbidden = new Set<string>();
  const front = await startFront(store, {
    faults: ({ verb, route }) =>
      forbidden.has(`${verb} ${route.kind.kind}`) ? { kind: "status", status: 403 } : undefined,
  });
  const cluster = createKubernetesCluster({ server: front.url, clock, pageSize: 3 });
  return {
    cluster,
    held: holdingsOf(store),
    ...storeControls(store),
    forbid: async (verb, kind) => {
      forbidden.add(`${verb} ${kind}`);
    },
    end: async () => {
      await cluster.close();
      await front.close();
    },
  };
});
