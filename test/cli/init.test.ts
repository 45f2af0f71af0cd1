/** `rotation-bridge init` as a person uses it: the first map from what a cluster holds. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { discover } from "../../cli/init-discovery.ts";
import { initText } from "../../cli/init-text.ts";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { providerClass } from "../scenarios/manifests.ts";
import type { World } from "../scenarios/world.ts";
import { startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";
import { shop } from "./shop.ts";

let lab: Lab;
let small: Lab;
let empty: Lab;

async function severalVaults(world: World): Promise<void> {
  await shop(world);
  const add = (namespace: string, vault: string, more: Partial<Parameters<typeof providerClass>[0]> = {}) =>
    world.blue.apply(providerClass({ name: "kv", namespace, vault, objects: ["x"], ...more }));
  add("shop-eu", "contoso");
  add("pay", "Contoso-Pay");
  add("gov", "contoso-gov", { parameters: { cloudName: "AzureUSGovernmentCloud" } });
  add("other", "unused", { provider: "vault" });
  add("broken", "contoso", { parameters: { objects: "array: [" } });
}

before(async () => {
  lab = await startLab(severalVaults);
  small = await startLab(shop);
  empty = await startLab(async () => undefined);
});
after(() => Promise.all([lab, small, empty].map((one) => one.close())));

let files = 0;

async function init(...args: readonly string[]) {
  files += 1;
  const file = join(lab.folder, `made-${files}.yaml`);
  const source = args.some((argument) => /^--(cluster|kubeconfig)/.test(argument))
    ? []
    : ["--kubeconfig", lab.kubeconfig];
  const run = await lab.run("init", "--map", file, ...source, ...args);
  const text = await readFile(file, "utf8").catch(() => undefined);
  return { ...run, file, text };
}

test("it writes the clusters, the vaults that classes name, and where each flows today, in observe mode", async () => {
  const { code, out, err, text = "", file } = await init();
  assert.equal(code, 1, "something is left out");
  const parsed = parseRotationMap(text, file);
  assert.ok(parsed.ok, text);
  assert.equal(parsed.map.mode, "observe");
  assert.deepEqual(
    parsed.map.vaults.map(({ name, url, flowsTo }) => [name, url, flowsTo]),
    [
      ["contoso", "https://contoso.vault.azure.net", [{ cluster: "aks-prod-admin", namespaces: ["shop", "shop-eu"] }]],
      [
        "contoso-gov",
        "https://contoso-gov.vault.usgovcloudapi.net",
        [{ cluster: "aks-prod-admin", namespaces: ["gov"] }],
      ],
      ["contoso-pay", "https://contoso-pay.vault.azure.net", [{ cluster: "aks-prod-admin", namespaces: ["pay"] }]],
    ],
  );
  assert.deepEqual(
    parsed.map.clusters.map(({ name, namespaces }) => [name, namespaces]),
    [["aks-prod-admin", ["gov", "pay", "shop", "shop-eu"]]],
  );
  assert.match(err, /Left out: aks-prod-admin\/other, SecretProviderClass kv: it is of another provider\./);
  assert.match(err, /Left out: aks-prod-admin\/broken, SecretProviderClass kv: it cannot be read\. /);
  assert.match(out, /is written, in observe mode: 1 cluster, 3 vaults, 4 namespaces with 4 classes\./);
});

test("its comments say what to do next, with commands that there are", async () => {
  const { text = "" } = await init();
  const commands = new Set([...text.matchAll(/rotation-bridge (\w+)/g)].map((match) => match[1] ?? ""));
  assert.deepEqual([...commands].sort(), ["doctor", "init", "plan", "rbac", "status", "validate"]);
  for (const line of text.split("\n")) assert.ok(line.length <= 200, line);
});

test("docs/cli.md shows what is printed, and the map that is written for a cluster with an ARM id", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const { code, out, err } = await small.runProcess("init", "--kubeconfig", small.kubeconfig, "--map", "made.yaml");
  assert.deepEqual([code, err], [0, ""]);
  const printed = out.replace(" --map made.yaml", "").replaceAll("made.yaml", "rotation-map.yaml");
  assert.ok(page.includes(`\`\`\`text\n${printed.replaceAll("aks-prod-admin", "aks-prod")}\`\`\``), printed);
  const classes = small.world.blue.store.list("SecretProviderClass").items.map((item) => parseProviderClass(item));
  const aks = `${group}/providers/Microsoft.ContainerService/managedClusters/aks-prod`;
  const cluster = { name: "aks-prod", access: { kind: "aks", resourceId: aks }, written: { aks } } as const;
  const text = await initText([cluster], discover([{ name: "aks-prod", classes }]), "rotation-map.yaml");
  assert.ok(page.includes(`\`\`\`yaml\n${text}\`\`\``), text);
});

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shop";

test("a file that is there stays as it is, unless --force says otherwise", async () => {
  const file = join(lab.folder, "mine.yaml");
  await writeFile(file, "mine");
  const refused = await lab.run("init", "--kubeconfig", lab.kubeconfig, "--map", file);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /It is there already\. Name another file with --map, or write over it with --force\./);
  assert.equal(await readFile(file, "utf8"), "mine");
  const forced = await lab.run("init", "--kubeconfig", lab.kubeconfig, "--map", file, "--force");
  assert.equal(forced.code, 1);
  assert.match(await readFile(file, "utf8"), /^mode: observe$/m);
});

test("the map names an API server in Azure by address and authority, others by the kubeconfig", async () => {
  const { text = "" } = await init();
  assert.equal(entryOf(text)["kubeconfig"], lab.kubeconfig);
  assert.match(text, /# For local use/);
});

function entryOf(text: string): Readonly<Record<string, unknown>> {
  const map: unknown = parse(text);
  assert.ok(typeof map === "object" && map !== null && "clusters" in map && Array.isArray(map.clusters));
  const [entry]: readonly unknown[] = map.clusters;
  assert.ok(typeof entry === "object" && entry !== null);
  return { ...entry };
}

test("a cluster without a class that names a vault: nothing is written, with exit code 1", async () => {
  const file = join(empty.folder, "made.yaml");
  const { code, out, err } = await empty.run("init", "--kubeconfig", empty.kubeconfig, "--map", file);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /Nothing is written: no class of aks-prod-admin names a vault/);
  await assert.rejects(readFile(file));
});

test("it lists classes, and reads no Secret, no pod and no vault", () => {
  assert.deepEqual([...lab.requests.keys()], ["list SecretProviderClass"]);
  assert.deepEqual(lab.vaultRequests, []);
});

test("--json says what was found", async () => {
  const { out, file } = await init("--json");
  const found: unknown = JSON.parse(out);
  assert.ok(typeof found === "object" && found !== null);
  assert.deepEqual(Object.keys(found), ["file", "clusters", "vaults", "classes", "left"]);
  assert.ok(out.includes(JSON.stringify(file)));
});

const wrong: readonly { readonly what: string; readonly args: readonly string[]; readonly says: RegExp }[] = [
  { what: "no ARM id", args: ["--cluster", "aks-prod"], says: /Not the ARM id of an AKS cluster\. .*az aks show/ },
  {
    what: "both sources",
    args: ["--cluster", "x", "--kubeconfig", "y"],
    says: /Choose one of --cluster and --kubeconfig/,
  },
  {
    what: "no kubeconfig",
    args: ["--kubeconfig", "/nowhere/config"],
    says: /There is no such file\. Name the clusters instead: --cluster/,
  },
  { what: "no such context", args: ["--context", "x"], says: /It has no such context.*kubectl config get-contexts/ },
];

for (const { what, args, says } of wrong) {
  test(`exit code 2, and nothing is written: ${what}`, async () => {
    const own = args.includes("--context") ? ["--kubeconfig", lab.kubeconfig] : [];
    const { code, out, err, text } = await init(...own, ...args);
    assert.deepEqual([code, out, text], [2, "", undefined]);
    assert.match(err, says);
  });
}

test("a cluster that refuses is named, and nothing is written", async () => {
  const config = await readFile(lab.kubeconfig, "utf8");
  const other = await lab.file("denied.yaml", config.replace(/"token":"[^"]*"/, '"token":"wrong"'));
  const { code, err, text } = await init("--kubeconfig", other);
  assert.deepEqual([code, text], [2, undefined]);
  assert.match(err, /cluster aks-prod-admin: .*401.*list secretproviderclasses, and your sign-in/s);
});
