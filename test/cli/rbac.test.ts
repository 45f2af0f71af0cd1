/** `rotation-bridge rbac` as a person uses it. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { providerClass } from "../scenarios/manifests.ts";
import { runHere } from "./run-cli.ts";

const id = "AAAAAAAA-2222-3333-4444-555555555555";
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "rbac-cli-"));
  const file = (name: string, text: string) => writeFile(join(folder, name), text);
  await file("map.yaml", mapOf("[{ name: aks, SERVER, namespaces: [shop] }]"));
  await file("patterns.yaml", mapOf('[{ name: aks, SERVER, namespaces: ["*"] }]'));
  await file(
    "two.yaml",
    mapOf("[{ name: aks, SERVER, namespaces: [shop] }, { name: aks-eu, SERVER, namespaces: [shop] }]"),
  );
  const item = providerClass({
    name: "kv",
    namespace: "shop",
    vault: "kv-shop",
    objects: ["db"],
    secrets: { app: { k: "db" } },
  });
  await file("classes.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: [item] }));
  await file("nowhere.json", JSON.stringify({ ...item, metadata: { name: "kv" } }));
  await mkdir(join(folder, "manifests"));
  await file("manifests/kv.yaml", JSON.stringify(item));
  await file("manifests/notes.txt", "no manifest: at all: ]");
});
after(() => rm(folder, { recursive: true, force: true }));

function mapOf(clusters: string): string {
  const server = 'server: "https://aks.example.com", token: { file: t }';
  return `mode: act
vaults: [{ name: kv-shop, flowsTo: [{ cluster: "*", namespaces: [shop] }] }]
clusters: ${clusters.replaceAll("SERVER", server)}`;
}

function rbac(map: string, classes: string, ...more: readonly string[]) {
  const paths = ["--map", join(folder, map), "--classes", join(folder, classes)];
  return runHere(["rbac", ...paths, "--object-id", id, ...more]);
}

const manifest = z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) });

function kinds(yaml: string): readonly string[] {
  return parseAllDocuments(yaml).flatMap((document) => manifest.safeParse(document.toJS()).data?.kind ?? []);
}

test("prints YAML that grants Secrets by name to the object id, each verb with what it is for", async () => {
  const { code, out, err } = await rbac("map.yaml", "classes.json");
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(kinds(out), ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Role", "RoleBinding"]);
  assert.match(
    out,
    /# get: .+\n +# patch: .+\n +- apiGroups: \[""\]\n +resources: \[secrets\]\n +resourceNames: \[app\]/,
  );
  assert.ok(out.includes(`name: ${id.toLowerCase()}`), "as the API server knows it");
});

test("takes a folder of manifests, and passes over what is none", async () => {
  const [one, other] = await Promise.all([rbac("map.yaml", "classes.json"), rbac("map.yaml", "manifests")]);
  assert.deepEqual(other, one);
});

test("--json gives the same objects, --cage the cage before them with the id filled in", async () => {
  const yaml = await rbac("map.yaml", "classes.json", "--cage");
  const json = await rbac("map.yaml", "classes.json", "--cage", "--json");
  const list = z.object({ items: z.array(manifest) }).parse(JSON.parse(json.out));
  assert.deepEqual(kinds(yaml.out).slice(0, 3), [
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ClusterRole",
  ]);
  assert.deepEqual(
    list.items.map(({ kind }) => kind),
    kinds(yaml.out),
  );
  assert.ok(yaml.out.includes(`request.userInfo.username == "${id.toLowerCase()}"`));
  assert.ok(!yaml.out.includes("00000000-0000"));
});

test("--namespaced grants nothing outside the mapped namespaces", async () => {
  const { code, out } = await rbac("map.yaml", "classes.json", "--namespaced");
  assert.equal(code, 0);
  assert.deepEqual(kinds(out), ["Role", "RoleBinding"]);
});

const wrong: readonly { readonly what: string; readonly args: readonly string[]; readonly says: RegExp }[] = [
  { what: "no identity", args: ["--map", "map.yaml"], says: /--object-id is missing/ },
  { what: "a name for an identity", args: ["--object-id", "id-bridge"], says: /is no UUID.*principalId/ },
  { what: "an identity that would end the CEL text", args: ["--object-id", 'x" || "'], says: /is no UUID/ },
  { what: "no map", args: ["--object-id", id, "--map", "none.yaml"], says: /none.yaml: There is no such file/ },
  {
    what: "a cluster that the map does not name",
    args: ["--object-id", id, "--map", "map.yaml", "--cluster", "x"],
    says: /It has: aks\./,
  },
  {
    what: "one of several clusters",
    args: ["--object-id", id, "--map", "two.yaml"],
    says: /Choose with --cluster: aks, aks-eu/,
  },
  {
    what: "--namespaced and patterns",
    args: ["--object-id", id, "--map", "patterns.yaml", "--namespaced"],
    says: /every namespace by name/,
  },
  {
    what: "a class that could be anywhere",
    args: ["--object-id", id, "--map", "map.yaml", "--classes", "nowhere.json"],
    says: /kv: The class names no namespace\..*kubectl get/,
  },
];

for (const { what, args, says } of wrong) {
  test(`exit code 2 and what to do instead: ${what}`, async () => {
    const placed = args.map((argument) => (/\.(yaml|json)$/.test(argument) ? join(folder, argument) : argument));
    const { code, out, err } = await runHere(["rbac", ...placed]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}
