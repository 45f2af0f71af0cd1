/** What the bench rotates: one vault, one cluster with one Deployment of two replicas in a namespace, and the bridge. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzurite } from "../../local/azurite.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import { startFront } from "../../local/cluster/http-front.ts";
import { namespaceOf } from "../../local/cluster/objects.ts";
import type { LocalClock } from "../../local/clock.ts";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { systemsFromMap } from "../../shared/adapters/from-map.ts";
import { createWorkQueue } from "../../shared/adapters/storage-queue.ts";
import type { Bridge } from "../../shared/bridge.ts";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { createBridge } from "../../shared/create-bridge.ts";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import type { Log } from "../../shared/ports.ts";
import { providerClass, workload } from "../scenarios/manifests.ts";

export interface Street {
  readonly clock: LocalClock;
  readonly bridge: Bridge;
  /** Where the bridge works, and where the same requests are made by hand. */
  readonly namespaces: { readonly bridge: string; readonly byHand: string };
  readonly serverUrl: string;
  readonly vaultUrl: string;
  readonly connectionString: string;
  readonly queueName: string;
  /** A token for a resource, as the identity endpoint gives it. */
  token(resource: string): Promise<string>;
  /** The event of a new version, which is older than the settle time. The vault keeps ten versions before it. */
  newVersion(): object;
  /** Milliseconds of real time (performance.now) when the Secret next changes in the namespace. */
  patched(namespace: string): Promise<number>;
  close(): Promise<void>;
}

const [vaultName, objectName, resource] = ["contoso", "db", "api://bench"] as const;
const older = 10;

export async function startStreet(clock: LocalClock, generation: "1.5" | "1.6"): Promise<Street> {
  const [azurite, identity, folder] = await Promise.all([
    startAzurite(),
    startIdentityEndpoint({ now: () => clock.now() }),
    mkdtemp(join(tmpdir(), "bench-")),
  ]);
  Object.assign(process.env, identity.environment);
  const store = new VaultStore({ clock, vaults: [vaultName] });
  const keyVault = await startKeyVault({ store, vault: vaultName });
  const read = vaultPort(store);
  const cluster = new LocalCluster({
    clock,
    name: "bench",
    generation,
    rotation: "off",
    vault: (object, pin) => read.current(object, pin),
    driverTiming: { mountMs: 20, newPodMs: 20 },
    timing: { startDelayMs: 150, readyAfterMs: 100, stopDelayMs: 50 },
  });
  const front = await startFront(cluster.store, {
    token: (token) => identity.issuedFor(token)?.resource === resource,
  });
  const map = parseRotationMap(
    [
      "mode: act",
      `vaults: [{ name: ${vaultName}, url: "${keyVault.url}", flowsTo: [{ cluster: bench, namespaces: ["shop"] }] }]`,
      `clusters: [{ name: bench, server: "${front.url}", token: { entra: "${resource}/.default" }, namespaces: ["sho*"] }]`,
    ].join("\n"),
    "bench.yaml",
  );
  if (!map.ok) throw new Error(JSON.stringify(map));
  const log: Log = { info: () => undefined, warn: tell, error: tell };
  const { vault, clusters } = systemsFromMap({ map: map.map, folder, clientId: undefined, clock, log });
  const account = { kind: "connection-string", connectionString: azurite.connectionString } as const;
  const queue = createWorkQueue({ account, queueName: "rotations", encode: encodeMessage });
  const history = createMemoryHistory();
  const bridge = createBridge({ map: map.map, clusters, vault, queue, history, clock, log, timeBudgetMs: 240_000 });

  const versions: { readonly id: string; readonly value: string; readonly at: number }[] = [];
  let count = 0;
  function addVersion(at: number): object {
    count += 1;
    versions.push({ id: count.toString(16).padStart(32, "0"), value: `value-${count}`, at });
    versions.splice(0, versions.length - older - 1);
    store.remove(vaultName, objectName);
    const made = versions.map(({ id, value, at: createdOn }) =>
      store.setSecret(vaultName, objectName, value, { version: id, createdOn }),
    );
    const newest = made.at(-1);
    if (newest === undefined) throw new Error("There is no version.");
    return newVersionEvent(vaultName, objectName, newest, "event-grid");
  }

  const namespaces = { bridge: "shop", byHand: "hand" };
  for (let back = older; back > 0; back -= 1) addVersion(clock.now() - back * 86_400_000);
  for (const namespace of Object.values(namespaces)) {
    cluster.apply(
      providerClass({ name: "kv", namespace, objects: [objectName], secrets: { app: { password: objectName } } }),
    );
    cluster.apply(
      workload({ name: "app", namespace, replicas: 2, mounts: ["kv"], env: { PASSWORD: ["app", "password"] } }),
    );
    while (cluster.running(namespace).length < 2) await clock.sleep(100);
  }
  await clock.sleep(15_000);

  return {
    clock,
    bridge,
    namespaces,
    serverUrl: front.url,
    vaultUrl: keyVault.url,
    connectionString: azurite.connectionString,
    queueName: "rotations",
    token: async (wanted) => {
      const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = identity.environment;
      const answer = await fetch(`${endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(wanted)}`, {
        headers: { "x-identity-header": header },
      });
      const body: unknown = await answer.json();
      if (typeof body !== "object" || body === null || !("access_token" in body)) throw new Error("No token.");
      return String(body.access_token);
    },
    newVersion: () => addVersion(clock.now() - 4_000),
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
      await Promise.all([front.close(), keyVault.close(), identity.close(), azurite.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function tell(event: string, fields: object): void {
  console.error(`${event} ${JSON.stringify(fields)}`);
}
