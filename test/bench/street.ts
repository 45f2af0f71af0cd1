/** What the bench rotates: one vault, a cluster with one Deployment of two replicas in a namespace, and the bridge. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import type { LocalClock } from "../../local/clock.ts";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { systemsFromMap } from "../../shared/adapters/from-map.ts";
import { createWorkQueue } from "../../shared/adapters/storage-queue.ts";
import type { Bridge } from "../../shared/bridge.ts";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { createBridge } from "../../shared/create-bridge.ts";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import type { Log } from "../../shared/ports.ts";
import { startLocalSite } from "./local-site.ts";
import { startRigSite } from "./rig-site.ts";
import { application, type Site } from "./site.ts";

export interface Street {
  readonly bridge: Bridge;
  readonly site: Site;
  /** Where the bridge works, and where the same requests are made by hand. */
  readonly namespaces: { readonly bridge: string; readonly byHand: string };
  readonly vaultUrl: string;
  readonly connectionString: string;
  readonly queueName: string;
  /** A token for a resource, as the identity endpoint gives it. */
  token(resource: string): Promise<string>;
  /** The event of a new version, which is older than the settle time. The vault keeps ten versions before it. */
  newVersion(): object;
  close(): Promise<void>;
}

const [vaultName, objectName] = ["contoso", "db"] as const;
const older = 10;

/** `clock` is the bridge's and the vault's; the rig has its own, real one. */
export async function startStreet(clock: LocalClock, where: "local" | "rig"): Promise<Street> {
  const [azurite, identity, folder] = await Promise.all([
    startAzurite(),
    startIdentityEndpoint({ now: () => clock.now() }),
    mkdtemp(join(tmpdir(), "bench-")),
  ]);
  Object.assign(process.env, identity.environment);
  const store = new VaultStore({ clock, vaults: [vaultName] });
  const keyVault = await startKeyVault({ store, vault: vaultName });
  const stopGround = async () => {
    await Promise.all([keyVault.close(), identity.close(), azurite.stop()]);
    await rm(folder, { recursive: true, force: true });
  };

  async function token(resource: string): Promise<string> {
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = identity.environment;
    const answer = await fetch(`${endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`, {
      headers: { "x-identity-header": header },
    });
    const body: unknown = await answer.json();
    if (typeof body !== "object" || body === null || !("access_token" in body)) throw new Error("No token.");
    return String(body.access_token);
  }

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

  for (let back = older; back > 0; back -= 1) addVersion(clock.now() - back * 86_400_000);
  let site: Site;
  try {
    site =
      where === "rig"
        ? await startRigSite({ folder, vaults: { [vaultName]: keyVault.url } })
        : await startLocalSite({ clock, identity, vault: store, token });
  } catch (error) {
    await stopGround();
    throw error;
  }
  const close = async () => {
    await site.close();
    await stopGround();
  };
  try {
    const namespaces = { bridge: "shop", byHand: "hand" };
    for (const namespace of Object.values(namespaces))
      await site.install(namespace, application(namespace, vaultName, objectName));
    await clock.sleep(15_000);
    const queueName = "rotations";
    const bridge = bridgeOver(site, { clock, folder, queueName, azurite, vaultUrl: keyVault.url });
    return {
      bridge,
      site,
      namespaces,
      vaultUrl: keyVault.url,
      connectionString: azurite.connectionString,
      queueName,
      token,
      newVersion: () => addVersion(clock.now() - 4_000),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Ground {
  readonly clock: LocalClock;
  readonly folder: string;
  readonly queueName: string;
  readonly azurite: Azurite;
  readonly vaultUrl: string;
}

function bridgeOver(site: Site, { clock, folder, queueName, azurite, vaultUrl }: Ground): Bridge {
  const map = parseRotationMap(
    [
      "mode: act",
      "withoutCage: true",
      `vaults: [{ name: ${vaultName}, url: "${vaultUrl}", flowsTo: [{ cluster: bench, namespaces: ["shop"] }] }]`,
      `clusters: [{ name: bench, server: "${site.server}", ${site.access}, namespaces: ["sho*"] }]`,
    ].join("\n"),
    "bench.yaml",
  );
  if (!map.ok) throw new Error(JSON.stringify(map));
  const log: Log = { info: () => undefined, warn: tell, error: tell };
  const { vault, clusters } = systemsFromMap({ map: map.map, folder, clientId: undefined, clock, log });
  const account = { kind: "connection-string", connectionString: azurite.connectionString } as const;
  const queue = createWorkQueue({ account, queueName, encode: encodeMessage });
  const history = createMemoryHistory();
  return createBridge({ map: map.map, clusters, vault, queue, history, clock, log, timeBudgetMs: 240_000 });
}

function tell(event: string, fields: object): void {
  console.error(`${event} ${JSON.stringify(fields)}`);
}
