/** The stand-in cluster behind its HTTP front, with Entra tokens of the identity endpoint. */

import { LocalCluster } from "../../local/cluster/cluster.ts";
import { startFront } from "../../local/cluster/http-front.ts";
import { namespaceOf } from "../../local/cluster/objects.ts";
import type { LocalClock } from "../../local/clock.ts";
import type { IdentityEndpoint } from "../../local/identity.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import type { VaultStore } from "../../local/key-vault/vault-store.ts";
import { replicas, type Site } from "./site.ts";

const resource = "api://bench";

export interface LocalSiteOptions {
  readonly clock: LocalClock;
  readonly identity: IdentityEndpoint;
  readonly vault: VaultStore;
  readonly token: (resource: string) => Promise<string>;
}

export async function startLocalSite({ clock, identity, vault, token }: LocalSiteOptions): Promise<Site> {
  const read = vaultPort(vault);
  const cluster = new LocalCluster({
    clock,
    name: "bench",
    generation: "1.6",
    rotation: "off",
    vault: read,
    driverTiming: { mountMs: 20, newPodMs: 20 },
    timing: { startDelayMs: 150, readyAfterMs: 100, stopDelayMs: 50 },
  });
  const front = await startFront(cluster.store, {
    token: (given) => identity.issuedFor(given)?.resource === resource,
  });
  return {
    server: front.url,
    ca: undefined,
    access: `token: { entra: "${resource}/.default" }`,
    token: () => token(resource),
    install: async (namespace, objects) => {
      for (const object of objects) cluster.apply(object);
      while (cluster.running(namespace).length < replicas) await clock.sleep(100);
    },
    rested: async () => undefined,
    patched: (namespace) =>
      new Promise((resolve) => {
        const stop = cluster.store.watch("Secret", undefined, ({ type, object }) => {
          if (type !== "MODIFIED" || namespaceOf(object) !== namespace) return;
          stop();
          resolve(performance.now());
        });
      }),
    close: async () => {
      cluster.stop();
      await front.close();
    },
  };
}
