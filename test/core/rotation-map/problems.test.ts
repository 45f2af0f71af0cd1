/** What is wrong with a map, and that nothing in one can do harm. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { base, problems } from "./maps.ts";

test("says all problems at once, each with its place and its mend", () => {
  const text = `mode: Act
wirtes: stopped
discovery: on
vaults:
  - name: kv_shop!
    flowsTo: []
  - name: kv-a
    url: http://kv-a.vault.azure.net
    flowsTo:
      - cluster: aks-prd
        namespaces: [Shop, 12]
  - name: KV-A
    flowsTo:
      - {cluster: "*", namespaces: ["*"]}
clusters:
  - name: aks-prod
    server: http://10.0.0.1
    aks: nonsense
    namespcaes: ["*"]
    driver: {generation: 1.7, rotation: maybe, pollInterval: 2}
  - name: 5
    context: x
  - name: aks-prod
    kubeconfig: config
    namespaces: [a]
    identity: my-identity
links:
  - cluster: aks-prd
    namespace: shop
    vault: kv-b
    object: a/b
    secret: X
policy: {settle: 20s, settleAtMost: 10s, restart: alway}
workloads:
`;
  assert.deepEqual(problems(text), [
    "map.yaml:1:7 mode: Not one of the known words. Did you mean act?",
    "map.yaml:2:1 wirtes: Unknown key. Did you mean writes?",
    "map.yaml:3:12 discovery: Not true or false. Write true or false.",
    "map.yaml:5:11 vaults[0].name: Not a vault's name. Use 3-24 letters, digits and hyphens.",
    "map.yaml:6:5 vaults[0].flowsTo: The vault flows nowhere. Name a cluster and namespaces, or remove the vault.",
    "map.yaml:8:10 vaults[1].url: The URL is not https. Use https; plain http is for loopback hosts only.",
    "map.yaml:10:18 vaults[1].flowsTo[0].cluster: No cluster of the map matches. Did you mean aks-prod?",
    "map.yaml:11:22 vaults[1].flowsTo[0].namespaces[0]: Not a pattern of namespaces. Write a name in which * may stand for any characters.",
    "map.yaml:11:28 vaults[1].flowsTo[0].namespaces[1]: YAML reads this as another type than text. Put it in quotes.",
    "map.yaml:12:11 vaults[2].name: The vault kv-a is named twice. Put everything about it into one entry.",
    "map.yaml:17:13 clusters[0].server: The cluster already has aks. Keep one of aks, server and kubeconfig.",
    "map.yaml:17:13 clusters[0].server: The URL is not https. Use https; plain http is for loopback hosts only.",
    "map.yaml:18:10 clusters[0].aks: Not the ARM id of an AKS cluster. Write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>.",
    "map.yaml:19:5 clusters[0].namespcaes: Unknown key. Did you mean namespaces?",
    'map.yaml:20:26 clusters[0].driver.generation: Not a generation of the driver. Write "1.5" or "1.6".',
    "map.yaml:20:41 clusters[0].driver.rotation: Neither on nor off. Write on or off.",
    "map.yaml:20:62 clusters[0].driver.pollInterval: Not a duration. Write a number and a unit, like 2s, 10m or 1h.",
    "map.yaml:21:5 clusters[1]: Nothing says how to reach the cluster. Add one of aks, server or kubeconfig.",
    "map.yaml:21:11 clusters[1].name: YAML reads this as another type than text. Put it in quotes.",
    "map.yaml:22:14 clusters[1].context: context belongs to kubeconfig, which is not given. Remove it, or reach the cluster by kubeconfig.",
    "map.yaml:23:11 clusters[2].name: The cluster aks-prod is named twice. Put everything about it into one entry.",
    "map.yaml:26:15 clusters[2].identity: Not a client id. Write the managed identity's client id, a UUID; not its name or ARM id.",
    "map.yaml:28:14 links[0].cluster: The map does not name this cluster. Did you mean aks-prod?",
    "map.yaml:30:12 links[0].vault: The map does not name this vault. Did you mean kv-a?",
    "map.yaml:31:13 links[0].object: Not the name of a Key Vault object. Use 1-127 letters, digits and hyphens, without a version.",
    "map.yaml:32:13 links[0].secret: Not a Kubernetes name. Use up to 253 lower-case letters, digits, hyphens and dots.",
    "map.yaml:33:37 policy.settleAtMost: Shorter than the settle time. Make it at least as long as settle.",
    "map.yaml:33:51 policy.restart: Not one of the known words. Did you mean always?",
    "map.yaml:34:11 workloads: It is empty. Give it a value or remove it.",
  ]);
});

test("what contradicts itself is a problem even where every word is right", () => {
  const link = (more: string) => `${base}links: [{cluster: aks-prod, namespace: ${more}, object: a, secret: b}]\n`;
  for (const [text, expected] of [
    [base.replace(/ {4}aks: .*/, ""), "clusters[0]: Nothing says how to reach"],
    [base.replace("aks:", "token: {file: t}\n    aks:"), "token belongs to server"],
    [base.replace("aks:", "kubeconfig: k\n    aks:"), "The cluster already has aks"],
    [base.replace("flowsTo", "url: https://attacker.example\n    flowsTo"), "The URL is not the vault's own"],
    [base.replace("flowsTo", "url: https://kv-other.vault.azure.net\n    flowsTo"), "The URL is not the vault's own"],
    [base.replace("flowsTo", "url: https://u:p@kv-shop.vault.azure.net\n    flowsTo"), "has a user"],
    [base.replace("flowsTo", "url: http://localhost.attacker.example\n    flowsTo"), "The URL is not https"],
    [
      `${base}workloads: [{cluster: "b*", kind: Deployment, name: a, restart: auto}]\n`,
      "No cluster of the map matches",
    ],
    [link("other, vault: kv-shop"), "The vault does not flow to this namespace"],
    [link("shop, vault: kv-none"), "The map does not name this vault"],
    [
      link("shop, vault: kv-shop").replace("aks:", "namespaces: [a]\n    aks:"),
      "The cluster's namespaces leave it out",
    ],
    [`${base}mode: act\nmode: observe\n`, "Map keys must be unique"],
  ] as const) {
    assert.equal(
      problems(text).filter((line) => line.includes(expected)).length,
      1,
      `${expected}\n${problems(text).join("\n")}`,
    );
  }
});

test("hostile or broken files end in problems, soon and without a throw", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [one, other] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].map((pair) => pair.split(""))) {
    bomb.push(`${other ?? ""}: &${other ?? ""} [${`*${one ?? ""}, `.repeat(9)}]`);
  }
  for (const text of [
    "",
    "# nothing",
    "null",
    "- a",
    "a: [",
    "a: *nowhere",
    "a: &a [*a]",
    "a: !!binary x",
    "1: a",
    "? [a]\n: b",
    "--- 1\n--- 2",
    "__proto__: {mode: act}",
    `${base}__proto__: {mode: act}\n`,
    `${base}<<: {mode: act}\n`,
    bomb.join("\n"),
    "[".repeat(100_000),
    "x".repeat(2_000_000),
  ]) {
    const found = problems(text);
    assert.ok(found.length > 0, text.slice(0, 100));
    for (const line of found) assert.match(line, /^map\.yaml:\d+:\d+ \S/);
  }
});

test("whatever text or data comes in, parsing does not throw", () => {
  fc.assert(fc.property(fc.string(), (text) => problems(text).length > 0));
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom("vaults", "clusters", "links", "policy", "workloads", "mode"),
      (value, key) => {
        problems(`${base.replace(`${key}:`, "x:")}${key}: ${JSON.stringify(value)}\n`);
      },
    ),
  );
});
