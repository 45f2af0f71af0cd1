import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import type { TargetPolicy } from "../../shared/core/policy.ts";
import {
  mappedClusters,
  mappedVault,
  mapProblemText,
  parseRotationMap,
  policyFor,
} from "../../shared/core/rotation-map.ts";
import type { RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import { jsonSchema } from "../../shared/core/rotation-map/schema.ts";

const root = new URL("../../", import.meta.url);
const aks = (name: string) =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;

/** A right map; tests add to it or break it. */
const base = `
vaults:
  - name: KV-Shop
    flowsTo: [{cluster: aks-prod, namespaces: [shop, "shop-*"]}]
clusters:
  - name: aks-prod
    aks: ${aks("aks-prod")}
`;

function parsed(text: string): RotationMap {
  const result = parseRotationMap(text, "map.yaml");
  assert.ok(result.ok, result.ok ? "" : result.problems.map(mapProblemText).join("\n"));
  return result.map;
}

function problems(text: string): readonly string[] {
  const result = parseRotationMap(text, "map.yaml");
  return result.ok ? [] : result.problems.map(mapProblemText);
}

function policy(text: string, target: string): TargetPolicy {
  const [cluster = "", namespace = ""] = target.split("/");
  const found = policyFor(parsed(text), { cluster, namespace });
  assert.ok(found, `${target} is mapped`);
  return found;
}

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

test("a target that the map does not name has no policy", () => {
  const map = parsed(base.replace("aks:", "namespaces: [shop]\n    aks:"));
  assert.equal(policyFor(map, { cluster: "aks-dev", namespace: "shop" }), undefined);
  assert.equal(policyFor(map, { cluster: "AKS-PROD", namespace: "shop" }), undefined);
  assert.equal(policyFor(map, { cluster: "aks-prod", namespace: "shop-a" }), undefined);
  assert.ok(policyFor(map, { cluster: "aks-prod", namespace: "shop" }));
});

test("a vault flows only where its patterns say", () => {
  for (const [target, flows] of [
    ["aks-prod/shop", true],
    ["aks-prod/shop-a", true],
    ["aks-prod/shopping", false],
    ["aks-prod/kube-system", false],
  ] as const) {
    assert.equal(policy(base, target).vaults.has("kv-shop"), flows, target);
  }
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

test("a target is acted on only if the map says act, and a vault flows only where a pattern of its own matches", () => {
  const word = fc.stringMatching(/^[ab]{1,3}$/);
  const glob = fc.stringMatching(/^[ab*]{1,3}$/);
  const mode = fc.constantFrom(undefined, "observe", "act");
  const maps = fc.record({
    mode,
    clusterMode: mode,
    modes: fc.array(
      fc.record({
        namespaces: fc.array(glob, { minLength: 1, maxLength: 2 }),
        mode: fc.constantFrom("observe", "act"),
      }),
    ),
    namespaces: fc.array(glob, { minLength: 1, maxLength: 2 }),
    vaults: fc.array(fc.array(fc.array(glob, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
  const like = (globs: readonly string[], text: string) =>
    globs.some((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
  fc.assert(
    fc.property(maps, word, (raw, namespace) => {
      const map = parsed(
        JSON.stringify({
          mode: raw.mode,
          vaults: raw.vaults.map((flows, index) => ({
            name: `kv-${index}`,
            flowsTo: flows.map((namespaces) => ({ cluster: "c*", namespaces })),
          })),
          clusters: [
            { name: "c1", kubeconfig: "k", mode: raw.clusterMode, modes: raw.modes, namespaces: raw.namespaces },
            { name: "d1", kubeconfig: "k", mode: "act" },
          ],
        }),
      );
      const found = policyFor(map, { cluster: "c1", namespace });
      assert.equal(found !== undefined, like(raw.namespaces, namespace));
      if (found !== undefined) {
        const said = raw.modes.find((entry) => like(entry.namespaces, namespace))?.mode ?? raw.clusterMode ?? raw.mode;
        assert.equal(found.mode === "act", said === "act");
        const flowing = raw.vaults.flatMap((flows, index) =>
          flows.some((globs) => like(globs, namespace)) ? [`kv-${index}`] : [],
        );
        assert.deepEqual([...found.vaults], flowing);
      }
      assert.equal(policyFor(map, { cluster: "d1", namespace })?.vaults.size, 0);
    }),
  );
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

test("every example of the documentation is a right map", () => {
  const page = readFileSync(new URL("docs/rotation-map.md", root), "utf8");
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  assert.ok(examples.length >= 8);
  for (const example of examples) assert.deepEqual(problems(example), [], example);
  assert.deepEqual(problems(readFileSync(new URL("rotation-map.example.yaml", root), "utf8")), []);
});

test("the documentation names every word of the map", () => {
  const page = readFileSync(new URL("docs/rotation-map.md", root), "utf8");
  const words = [...JSON.stringify(jsonSchema()).matchAll(/"(\w+)":\{/g)].map((match) => match[1] ?? "");
  for (const word of words.filter((name) => !["properties", "items"].includes(name))) {
    assert.ok(new RegExp(`\\b${word}\\b`).test(page), word);
  }
});

test("the JSON Schema for editors is the one the code makes", () => {
  const file = new URL("schema/rotation-map.schema.json", root);
  const made = `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
  if (process.env["WRITE_SCHEMA"] === "1") writeFileSync(file, made);
  const mend = "Run WRITE_SCHEMA=1 node --test test/core/rotation-map.test.ts";
  assert.equal(readFileSync(file, "utf8"), made, mend);
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
