/** The requests of a pass as they go over the network: the real clients, a vault and two API servers on loopback. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../local/clock.ts";
import { startFront } from "../local/cluster/http-front.ts";
import { applyObject, parseManifest } from "../local/cluster/kubectl.ts";
import { Store } from "../local/cluster/store.ts";
import { startKeyVault } from "../local/key-vault/http-server.ts";
import { VaultStore } from "../local/key-vault/vault-store.ts";
import { createKubernetesCluster } from "../shared/adapters/kubernetes/cluster.ts";
import { createVault } from "../shared/adapters/key-vault/vault.ts";
import type { TargetMessage } from "../shared/core/message.ts";
import { parseRotationMap } from "../shared/core/rotation-map.ts";
import { createBridge } from "../shared/create-bridge.ts";
import { createMemoryHistory } from "../shared/memory-history.ts";
import { providerClass } from "./scenarios/manifests.ts";

const clock = realClock();
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const token = { token: "local", expiresOnTimestamp: Date.now() + 3_600_000 };

/** Clusters with 40 namespaces of 3 objects each, in which nothing runs yet; the vault holds `others` more. */
async function setUp(others: number) {
  const vaultStore = new VaultStore({ clock });
  const keyVault = await startKeyVault({ store: vaultStore, vault: "contoso" });
  const asked: string[] = [];
  const clusters = await Promise.all(
    ["blue", "green"].map(async (name) => {
      const store = new Store(clock);
      const front = await startFront(store, {
        faults: ({ verb, route }) => {
          asked.push(`${name} ${verb} ${route.kind.kind}${(route.namespace ?? "") === "" ? "" : " of a namespace"}`);
          return undefined;
        },
      });
      const cluster = createKubernetesCluster({ server: front.url, clock });
      return { name, store, front, cluster };
    }),
  );
  for (let space = 0; space < 40; space += 1) {
    const [namespace, objects] = [`ns-${space}`, [0, 1, 2].map((index) => `s-${space}-${index}`)];
    for (const name of objects) vaultStore.setSecret("contoso", name, "one", { createdOn: Date.UTC(2026, 0, 1) });
    const item = providerClass({ name: "kv", namespace, objects, secrets: { app: { k: objects[0] ?? "" } } });
    for (const { store } of clusters) for (const object of parseManifest(item)) applyObject(store, object);
  }
  for (let index = 0; index < others; index += 1) vaultStore.setSecret("contoso", `other-${index}`, "one");
  const left: TargetMessage[] = [];
  const parsed = parseRotationMap(
    `mode: act
vaults: [{ name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }]
clusters:
  - { name: blue, server: "https://127.0.0.1:1", token: { file: token } }
  - { name: green, server: "https://127.0.0.1:1", token: { file: token } }`,
    "map.yaml",
  );
  assert.ok(parsed.ok);
  const vault = createVault({
    vaults: new Map([["contoso", { url: keyVault.url }]]),
    credential: { getToken: async () => token },
    clock,
  });
  const bridge = createBridge({
    map: parsed.map,
    clusters: new Map(clusters.map(({ name, cluster }) => [name, cluster])),
    vault,
    queue: {
      send: async (message) => {
        left.push(message);
      },
    },
    history: createMemoryHistory(),
    clock,
    log: silent,
    timeBudgetMs: 60_000,
    deepEveryMs: 604_800_000,
  });
  return {
    vaultStore,
    bridge,
    /** Everything is looked at: what the pass leaves to messages, too. */
    firstPass: async () => {
      await bridge.reconcile();
      for (const message of left.splice(0)) await bridge.onMessage(message);
    },
    /** What the work asks of vault and clusters, each request counted. */
    requestsOf: async (work: () => Promise<unknown>) => {
      const before = keyVault.requests.length;
      asked.length = 0;
      await work();
      return { vault: keyVault.requests.slice(before), clusters: [...asked].sort() };
    },
    close: async () => {
      await Promise.all(clusters.map(({ cluster }) => cluster.close()));
      await Promise.all([keyVault.close(), ...clusters.map(({ front }) => front.close())]);
    },
  };
}

for (const others of [0, 30]) {
  test(`over HTTP, a pass in which nothing is new is ${others === 0 ? 5 : "at most 6"} lists of ${120 + others} secrets and one list of classes a cluster`, async () => {
    const { bridge, firstPass, vaultStore, requestsOf, close } = await setUp(others);
    try {
      await firstPass();
      const idle = await requestsOf(() => bridge.reconcile());
      assert.deepEqual(idle.clusters, ["blue list SecretProviderClass", "green list SecretProviderClass"]);
      assert.ok(
        idle.vault.every((line) => line === "GET /secrets"),
        idle.vault.join(),
      );
      if (others === 0) assert.equal(idle.vault.length, 5);
      else assert.ok(idle.vault.length <= 6);

      vaultStore.setSecret("contoso", "s-7-0", "two");
      const changed = await requestsOf(() => bridge.reconcile());
      const lists = changed.vault.filter((line) => line === "GET /secrets").length;
      assert.equal(lists, idle.vault.length);
      assert.ok(changed.vault.length > lists);
      assert.ok(
        changed.vault.every((line) => line === "GET /secrets" || line.includes("/s-7-")),
        changed.vault.join(),
      );
    } finally {
      await close();
    }
  });
}
