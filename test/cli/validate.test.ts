/** `rotation-bridge validate` as a person uses it: everything that is wrong at once, with its place. */

import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { mapHints } from "../../cli/map-hints.ts";
import { reachAll } from "../../cli/reach.ts";
import { listen } from "../../local/listening.ts";
import type { Listening } from "../../local/listening.ts";
import { selfSignedCertificate } from "../../local/self-signed.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { kubeconfigText } from "./lab.ts";
import { runCli, runHere } from "./run-cli.ts";

let folder = "";
let server: Listening;
let vault: Listening;
const own = selfSignedCertificate();
const another = selfSignedCertificate();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "validate-"));
  const answer = createServer(own, (_, response) => response.writeHead(401).end());
  server = await listen(answer, "https", 0);
  vault = await listen(
    createHttpServer((_, response) => response.writeHead(401).end()),
    "http",
    0,
  );
  await file("own.pem", own.cert);
  await file("another.pem", another.cert);
  await file("token", "t\n");
  await file("empty", "\n");
  await file("config", kubeconfigText("https://127.0.0.1:1", { token: "t" }));
  await file("page.yaml", page);
});
after(async () => {
  await Promise.all([server.close(), vault.close()]);
  await rm(folder, { recursive: true });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** A map of one vault on this machine and these clusters. */
function mapOf(...clusters: readonly string[]): string {
  return `vaults:
  - { name: contoso, url: "${vault.url}", flowsTo: [{ cluster: "*", namespaces: [shop] }] }
clusters:
${clusters.map((cluster) => `  - ${cluster}\n`).join("")}`;
}

async function validate(text: string, ...args: readonly string[]) {
  const path = await file("map.yaml", text);
  const { code, out, err } = await runHere(["validate", "--map", path, ...args]);
  return { code, out: out.replaceAll(`${folder}/`, ""), err };
}

/** The map of docs/cli.md, with four mistakes. */
const page = `mode: atc
vaults:
  - name: kv_shop
    flowsTo: [{ cluster: aks-prod, namespaces: [shop] }]
clusters:
  - name: aks-prod
    server: https://aks-prod.example.com
    token: { file: no-such-token }
    namespces: [shop]
`;

test("docs/cli.md shows what is printed", async () => {
  const text = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const { code, out, err } = await runCli(["validate", "--map", "page.yaml"], { cwd: folder });
  assert.deepEqual([code, err], [1, ""]);
  const shown = out.replaceAll("page.yaml", "rotation-map.yaml");
  assert.ok(text.includes(`\`\`\`text\n${shown}\`\`\``), shown);
});

test("a map whose files are there and whose addresses answer is valid", async () => {
  const { code, out, err } = await validate(
    mapOf(`{ name: aks, server: "${server.url}", certificateAuthority: { file: own.pem }, token: { file: token } }`),
  );
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(
    out,
    "vault contoso  answers\ncluster aks    answers\nmap.yaml is valid. 1 vault, 1 cluster, mode observe.\n",
  );
});

test("whoever answers for a vault with a certificate that nobody signed is not the vault", async () => {
  const { code, out } = await validate(mapOf("{ name: aks, kubeconfig: config }").replace(vault.url, server.url));
  assert.equal(code, 1);
  assert.match(out, /Problem vault contoso: Whoever answers is not the vault \(\w+\)/);
});

const files: readonly { readonly what: string; readonly cluster: string; readonly says: RegExp }[] = [
  {
    what: "a token file that is not there",
    cluster: 'name: aks, server: "https://127.0.0.1:1", token: { file: nowhere }',
    says: /map\.yaml:4:\d+ clusters\[0\]\.token\.file: There is no such file\. Paths are meant from the map's own folder\./,
  },
  {
    what: "an empty token file",
    cluster: 'name: aks, server: "https://127.0.0.1:1", token: { file: empty }',
    says: /clusters\[0\]\.token\.file: The file is empty\./,
  },
  {
    what: "an authority that is no certificate",
    cluster: 'name: aks, server: "https://127.0.0.1:1", certificateAuthority: { file: token }',
    says: /clusters\[0\]\.certificateAuthority\.file: Not a certificate\./,
  },
  {
    what: "an authority in the map that is none",
    cluster: 'name: aks, server: "https://127.0.0.1:1", certificateAuthority: Q0E=',
    says: /clusters\[0\]\.certificateAuthority: Not a certificate\./,
  },
  {
    what: "a kubeconfig that is not there",
    cluster: "name: aks, kubeconfig: nowhere",
    says: /clusters\[0\]\.kubeconfig: There is no such file\./,
  },
  {
    what: "a context that the kubeconfig does not have",
    cluster: "name: aks, kubeconfig: config, context: other",
    says: /clusters\[0\]\.context: The kubeconfig has no such context/,
  },
];

for (const { what, cluster, says } of files) {
  test(`files that the map names are looked at: ${what}`, async () => {
    const { code, out } = await validate(mapOf(`{ ${cluster} }`), "--offline");
    assert.equal(code, 1);
    assert.match(out, says);
    assert.match(out, /map\.yaml has 1 problem\.\n$/);
  });
}

test("problems of several clusters come together", async () => {
  const { out } = await validate(
    mapOf("{ name: a, kubeconfig: nowhere }", '{ name: b, server: "https://127.0.0.1:1", token: { file: nowhere } }'),
    "--offline",
  );
  assert.match(out, /clusters\[0\]\.kubeconfig: .*\n.*clusters\[1\]\.token\.file: .*\n.*has 2 problems\./);
});

test("a server with another certificate than the map's authority is a problem; one that does not answer is none", async () => {
  const map = mapOf(
    `{ name: other, server: "${server.url}", certificateAuthority: { file: another.pem } }`,
    '{ name: gone, server: "https://127.0.0.1:1" }',
  );
  const { code, out } = await validate(map);
  assert.equal(code, 1);
  assert.match(out, /Problem cluster other: The server's certificate is not of the map's authority/);
  assert.match(out, /^cluster gone {3}not reached from here \(ECONNREFUSED\)$/m);
});

const schema = z.object({
  valid: z.boolean(),
  problems: z.array(z.object({ line: z.number(), path: z.string(), problem: z.string(), mend: z.string() })),
  hints: z.array(z.string()),
  reached: z.array(z.object({ what: z.string(), says: z.string() })),
});

test("--json says the same, --offline asks nobody", async () => {
  const { code, out } = await validate(mapOf("{ name: aks, kubeconfig: config }"), "--json", "--offline");
  const { valid, problems, reached } = schema.parse(JSON.parse(out));
  assert.deepEqual([code, valid, problems, reached], [0, true, [], []]);
  const wrong = await validate(page, "--json");
  assert.equal(wrong.code, 1);
  assert.deepEqual(
    schema.parse(JSON.parse(wrong.out)).problems.map(({ line }) => line),
    [1, 3, 8, 9],
  );
});

test("no such file and wrong options are exit code 2", async () => {
  const missing = await runHere(["validate", "--map", join(folder, "nowhere.yaml")]);
  assert.deepEqual([missing.code, missing.out], [2, ""]);
  assert.match(missing.err, /There is no such file\. .*rotation-bridge init/);
  assert.equal((await runHere(["validate", "--online"])).code, 2);
});

function parsed(text: string) {
  const answer = parseRotationMap(text, "map.yaml");
  assert.ok(answer.ok);
  return answer.map;
}

const cloudVault = 'vaults: [{ name: kv-shop, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }]';
const hosts: readonly {
  readonly what: string;
  readonly known: readonly string[];
  readonly says: readonly (string | undefined)[];
}[] = [
  {
    what: "a vault's host that nobody knows is a problem, a private cluster's is none",
    known: ["management.azure.com"],
    says: ["Nobody knows the host kv-shop.vault.azure.net.", undefined],
  },
  { what: "where no name is known at all, nothing is said of the vault", known: [], says: [undefined, undefined] },
];

for (const { what, known, says } of hosts) {
  test(what, async () => {
    const map = parsed(
      `${cloudVault}\nclusters: [{ name: aks, server: "https://aks.privatelink.westeurope.azmk8s.io" }]`,
    );
    const resolve = async (host: string) => {
      if (!known.includes(host)) throw Object.assign(new Error("no"), { code: "ENOTFOUND" });
    };
    const reached = await reachAll(map, "map.yaml", () => undefined, resolve);
    assert.deepEqual(
      reached.map(({ problem }) => problem),
      says,
    );
  });
}

test("a cluster by ARM id is asked after signing in only", async () => {
  const id =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks";
  const map = parsed(`${cloudVault}\nclusters: [{ name: aks, aks: ${id} }]`);
  const resolve = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  const [, cluster] = await reachAll(map, "map.yaml", () => undefined, resolve);
  assert.match(cluster?.says ?? "", /^not asked: its address comes from Azure/);
});

const hints: readonly {
  readonly what: string;
  readonly flows: string;
  readonly looks: string;
  readonly count: number;
}[] = [
  { what: "the same name", flows: "shop", looks: "shop", count: 0 },
  { what: "a pattern that matches the name", flows: "shop-*", looks: "shop-eu", count: 0 },
  { what: "patterns that can meet", flows: "shop-*", looks: "*-eu", count: 0 },
  { what: "patterns that cannot meet", flows: "shop-*", looks: "pay-*", count: 2 },
  { what: "another name", flows: "shop", looks: "pay", count: 2 },
];

for (const { what, flows, looks, count } of hints) {
  test(`a hint where nothing would ever be written: ${what}: ${count}`, () => {
    const map = parsed(`vaults: [{ name: kv-shop, flowsTo: [{ cluster: aks, namespaces: ["${flows}"] }] }]
clusters: [{ name: aks, server: "https://127.0.0.1:1", namespaces: ["${looks}"] }]`);
    assert.equal(mapHints(map).length, count);
  });
}
