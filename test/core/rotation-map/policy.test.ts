/** What the map says of one target. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { base, policy, problems } from "./maps.ts";

test("a map that says little observes, writes nothing by itself, and settles for two seconds", () => {
  const found = policy(base, "aks-prod/shop");
  assert.deepEqual(
    { ...found, restartByWorkload: undefined },
    {
      mode: "observe",
      writesStopped: false,
      needsCage: false,
      vaults: new Set(["kv-shop"]),
      settleMs: 2_000,
      settleAtMostMs: 10_000,
      newObjects: "wait",
      assumeMountable: new Set(),
      replaceUnproven: new Set(),
      restart: "auto",
      restartByWorkload: undefined,
      driver: {},
      provider: { constructPemChain: true, separateFiles: false },
      discovery: true,
      links: [],
      timeouts: { rolloutMs: 600_000, secretLostMs: 360_000, vaultStaleMs: 60_000 },
    },
  );
});

test("the nearest mode wins", () => {
  const text = base.replace("aks:", "mode: act\n    modes: [{namespaces: [shop-a], mode: observe}]\n    aks:");
  assert.equal(policy(base, "aks-prod/shop").mode, "observe");
  assert.equal(policy(`mode: act${base}`, "aks-prod/shop").mode, "act");
  assert.equal(policy(text, "aks-prod/shop").mode, "act");
  assert.equal(policy(text, "aks-prod/shop-a").mode, "observe");
  assert.equal(policy(`writes: stopped${text}`, "aks-prod/shop").writesStopped, true);
});

test("the first workload entry that matches decides about restarts", () => {
  const text = `${base}
workloads:
  - {namespace: shop, kind: Deployment, name: api, restart: never}
  - {cluster: "aks-*", kind: Deployment, name: "a*", restart: always}
  - {kind: Deployment, name: api2, restart: never}
`;
  const { restartByWorkload } = policy(text, "aks-prod/shop");
  assert.equal(restartByWorkload.get("Deployment/api"), "never");
  assert.equal(restartByWorkload.get("Deployment/api2"), "always");
  assert.equal(restartByWorkload.get("StatefulSet/api"), undefined);
  assert.equal(policy(text, "aks-prod/shop-a").restartByWorkload.get("Deployment/api"), "always");
});

test("facts about the driver are read as YAML 1.2 writes them, quoted or not", () => {
  for (const [driver, expected] of [
    [
      '{generation: "1.5", rotation: on, pollInterval: 2m}',
      { generation: "1.5", rotation: "on", pollIntervalMs: 120_000 },
    ],
    ["{generation: 1.6, rotation: off}", { generation: "1.6", rotation: "off" }],
    ["{rotation: true}", { rotation: "on" }],
    ["{rotation: false}", { rotation: "off" }],
    ["{}", {}],
  ] as const) {
    assert.deepEqual(policy(base.replace("aks:", `driver: ${driver}\n    aks:`), "aks-prod/shop").driver, expected);
  }
});

test("flags of the provider that are not given are its own defaults", () => {
  for (const [provider, expected] of [
    ["{}", { constructPemChain: true, separateFiles: false }],
    ["{constructPEMChain: false}", { constructPemChain: false, separateFiles: false }],
    ["{writeCertAndKeyInSeparateFiles: true}", { constructPemChain: true, separateFiles: true }],
  ] as const) {
    const text = base.replace("aks:", `provider: ${provider}\n    aks:`);
    assert.deepEqual(policy(text, "aks-prod/shop").provider, expected);
  }
  assert.deepEqual(problems(base.replace("aks:", 'provider: {constructPEMChain: "true"}\n    aks:')), [
    "map.yaml:7:35 clusters[0].provider.constructPEMChain: Neither true nor false. Write true or false, without quotes.",
  ]);
});

test("links name the object as everything else does", () => {
  const text = `${base}
links:
  - {cluster: aks-prod, namespace: shop, vault: kv-shop, object: DB-Password, secret: db, workloads: [{kind: Deployment, name: api}]}
`;
  const links = [
    { object: "kv-shop/secret/db-password", secret: "db", workloads: [{ kind: "Deployment", name: "api" }] },
  ];
  assert.deepEqual(policy(text, "aks-prod/shop").links, links);
  assert.deepEqual(policy(text, "aks-prod/shop-a").links, []);
});

test("where the bridge acts it needs the cage, unless the map does without it; a cluster's word wins", () => {
  const needs = (top: string, cluster: string) =>
    policy(
      `${top}
vaults: [{ name: kv-shop, flowsTo: [{ cluster: c1, namespaces: ["*"] }] }]
clusters: [{ name: c1, server: "https://c1.example.com"${cluster} }]`,
      "c1/shop",
    ).needsCage;
  assert.equal(needs("mode: observe", ""), false);
  assert.equal(needs("mode: act", ""), true);
  assert.equal(needs("mode: act\nwithoutCage: true", ""), false);
  assert.equal(needs("mode: act", ", withoutCage: true"), false);
  assert.equal(needs("mode: act\nwithoutCage: true", ", withoutCage: false"), true);
});
