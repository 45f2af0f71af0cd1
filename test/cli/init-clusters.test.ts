/** How `init` names the clusters that it is given. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clustersToRead } from "../../cli/init-clusters.ts";
import { kubeconfigPath } from "../../cli/kubeconfig-path.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "init-clusters-"));
});
after(() => rm(folder, { recursive: true }));

const id = (group: string, name: string) =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;

test("ARM ids, with blanks or commas between them, each once, with names that differ", async () => {
  const ids = `${id("a", "aks")} ${id("b", "aks")},${id("a", "aks")}\n${id("c", "blue")}`;
  const chosen = await clustersToRead({ ids, kubeconfig: undefined, context: undefined });
  assert.ok(chosen.ok);
  assert.deepEqual(
    chosen.clusters.map(({ name, written }) => [name, written]),
    [
      ["aks", { aks: id("a", "aks") }],
      ["aks-2", { aks: id("b", "aks") }],
      ["blue", { aks: id("c", "blue") }],
    ],
  );
});

const rows: readonly {
  readonly what: string;
  readonly server: string;
  readonly user: object;
  readonly ca?: string;
  readonly writes: readonly string[];
}[] = [
  {
    what: "AKS",
    server: "https://a.hcp.westeurope.azmk8s.io:443",
    user: { exec: { command: "kubelogin" } },
    ca: "Q0E=",
    writes: ["server", "certificateAuthority"],
  },
  {
    what: "a private AKS cluster with an administrator's certificate",
    server: "https://a.privatelink.westeurope.azmk8s.io:443",
    user: { "client-certificate-data": "eA==" },
    ca: "Q0E=",
    writes: ["server", "certificateAuthority"],
  },
  {
    what: "another cloud cluster that signs in by a program",
    server: "https://k8s.example.com",
    user: { exec: { command: "x" } },
    ca: "Q0E=",
    writes: ["server", "certificateAuthority"],
  },
  {
    what: "a cluster on this machine",
    server: "https://127.0.0.1:6443",
    user: { "client-certificate-data": "eA==" },
    ca: "Q0E=",
    writes: ["kubeconfig", "context"],
  },
];

for (const { what, server, user, ca, writes } of rows) {
  test(`of a kubeconfig: ${what}: ${writes.join(" and ")}`, async () => {
    const path = join(folder, "config");
    const config = {
      "current-context": "clusterUser_rg shop/aks",
      contexts: [{ name: "clusterUser_rg shop/aks", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server, ...(ca === undefined ? {} : { "certificate-authority-data": ca }) } }],
      users: [{ name: "u", user }],
    };
    await writeFile(path, JSON.stringify(config));
    const chosen = await clustersToRead({ ids: undefined, kubeconfig: path, context: undefined });
    assert.ok(chosen.ok);
    const [cluster] = chosen.clusters;
    assert.equal(cluster?.name, "clusterUser_rg-shop-aks");
    assert.deepEqual(Object.keys(cluster.written), writes);
    assert.equal(cluster.access.kind, "kubeconfig", "and it is read as kubectl reads it");
  });
}

test("the kubeconfig is the one that kubectl would take", () => {
  assert.equal(kubeconfigPath("mine", { KUBECONFIG: "other" }), "mine");
  assert.equal(kubeconfigPath(undefined, { KUBECONFIG: ":/a/config:/b/config" }), "/a/config");
  assert.match(kubeconfigPath(undefined, {}), /\.kube.config$/);
});
