import assert from "node:assert/strict";
import { test } from "node:test";
import { secretUse } from "../../../shared/core/kubernetes/secret-use.ts";
import { parseWorkload } from "../../../shared/core/kubernetes/parse-workload.ts";
import { fixture } from "../../fixtures/fixture.ts";

test("All containers count, every read once, and volumes that no container mounts not at all", async () => {
  const { uses } = parseWorkload("Deployment", await fixture("kubernetes/deployment.json"));
  assert.deepEqual(uses.mounts, [{ className: "azure-keyvault-secrets", otherAttributes: [] }]);
  assert.deepEqual(uses.reads, [
    { secret: "keyvault-secrets", key: "db-connection-string", by: "env", optional: false },
    { secret: "proxy-env", key: undefined, by: "env", optional: true },
    { secret: "keyvault-secrets", key: "color", by: "env", optional: false },
    { secret: "ingress-tls", key: "tls.crt", by: "subPath", optional: false },
    { secret: "api-keys", key: "primary", by: "volume", optional: true },
    { secret: "api-keys", key: "backup", by: "volume", optional: true },
  ]);
});

const volume = {
  name: "v",
  secret: {
    secretName: "s",
    items: [
      { key: "a", path: "x/a" },
      { key: "b", path: "b" },
    ],
  },
};
const plain = { name: "v", secret: { secretName: "s" } };
const cases = [
  { name: "all items", volume, mount: {}, reads: ["a by volume", "b by volume"] },
  { name: "the item that a subPath names", volume, mount: { subPath: "b" }, reads: ["b by subPath"] },
  { name: "the items below a subPath", volume, mount: { subPath: "x" }, reads: ["a by subPath"] },
  { name: "nothing under a subPath that no item has", volume, mount: { subPath: "c" }, reads: [] },
  {
    name: "all items under a computed subPath",
    volume,
    mount: { subPathExpr: "$(P)" },
    reads: ["a by subPath", "b by subPath"],
  },
  { name: "the whole Secret", volume: plain, mount: {}, reads: ["* by volume"] },
  { name: "the key that a subPath names", volume: plain, mount: { subPath: "tls.key" }, reads: ["tls.key by subPath"] },
];

for (const { name, volume, mount, reads } of cases) {
  test(`A Secret volume reads ${name}`, () => {
    const use = secretUse({ volumes: [volume], ephemeralContainers: [{ volumeMounts: [{ name: "v", ...mount }] }] });
    assert.deepEqual(
      use.reads.map((read) => `${read.key ?? "*"} by ${read.by}`),
      reads,
    );
  });
}

test("A volume that one container mounts whole and another by subPath is read in both ways", () => {
  const mounts = [{ name: "v" }, { name: "v", subPath: "k" }];
  const use = secretUse({ volumes: [plain], containers: mounts.map((mount) => ({ volumeMounts: [mount] })) });
  assert.deepEqual(
    use.reads.map((read) => [read.key, read.by]),
    [
      [undefined, "volume"],
      ["k", "subPath"],
    ],
  );
});
