/** Where clusters and vaults are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mappedClusters, mappedVault } from "../../../shared/core/rotation-map.ts";
import { aks, base, parsed } from "./maps.ts";

test("a cluster is reached by its ARM id, by address, or by a kubeconfig", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const entra = { kind: "entra", scope: "6dae42f8-4368-4678-94ff-3960e28e3630/.default" };
  for (const [written, access] of [
    [`aks: ${aks("a")}`, { kind: "aks", resourceId: aks("a") }],
    [
      `server: https://a.example:443\n    certificateAuthority: ${btoa(pem)}`,
      { kind: "server", server: "https://a.example:443", certificateAuthority: { kind: "pem", pem }, token: entra },
    ],
    [
      "server: http://127.0.0.1:8001\n    token: {file: t}",
      {
        kind: "server",
        server: "http://127.0.0.1:8001",
        certificateAuthority: undefined,
        token: { kind: "file", file: "t" },
      },
    ],
    [
      "server: https://a.example\n    certificateAuthority: {file: ca.pem}\n    token: {entra: api://x/.default}",
      {
        kind: "server",
        server: "https://a.example",
        certificateAuthority: { kind: "file", file: "ca.pem" },
        token: { kind: "entra", scope: "api://x/.default" },
      },
    ],
    ["kubeconfig: k.yaml\n    context: kind", { kind: "kubeconfig", file: "k.yaml", context: "kind" }],
  ] as const) {
    const map = parsed(base.replace(/aks: .*/, written));
    assert.deepEqual(mappedClusters(map)[0]?.access, access);
  }
});

test("a vault is found whatever its case and has its public address by default", () => {
  const map = parsed(base);
  assert.equal(mappedVault(map, "kv-SHOP")?.url, "https://kv-shop.vault.azure.net");
  assert.equal(mappedVault(map, "kv-other"), undefined);
});

test("a url on a loopback host and the address of a sovereign cloud are allowed", () => {
  for (const url of [
    "http://127.0.0.1:8443",
    "http://localhost:1",
    "https://[::1]:1",
    "https://kv-shop.vault.azure.cn",
  ]) {
    const map = parsed(base.replace("flowsTo", `url: ${url}\n    flowsTo`));
    assert.equal(mappedVault(map, "kv-shop")?.url, url);
  }
});
