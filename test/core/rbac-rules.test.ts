/** Which rights come of which map and classes. That they suffice and are all used: test/rig/least-power.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { rbacManifests } from "../../shared/core/rbac-manifests.ts";
import { neededRights, type RbacRole } from "../../shared/core/rbac-rules.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { type ClassSpec, providerClass } from "../scenarios/manifests.ts";

interface Given {
  readonly namespaces?: string;
  readonly top?: string;
  readonly mode?: string;
  readonly classes?: readonly Partial<ClassSpec>[];
  readonly outside?: boolean;
}

const orders: ClassSpec = {
  name: "orders",
  namespace: "shop",
  vault: "kv-shop",
  objects: ["db"],
  secrets: { "orders-db": { p: "db" } },
};

function rights({ namespaces = "[shop, 'shop-*']", top = "", mode = "act", classes = [{}], outside = true }: Given) {
  const text = `mode: ${mode}
${top}
vaults:
  - { name: kv-shop, flowsTo: [{ cluster: aks, namespaces: ["*"] }] }
  - { name: kv-pay, flowsTo: [{ cluster: aks, namespaces: [pay] }] }
clusters:
  - { name: aks, server: "https://aks.example.com", token: { file: t }, namespaces: ${namespaces} }`;
  const parsed = parseRotationMap(text, "map");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const [cluster] = parsed.map.clusters;
  assert.ok(cluster);
  const items = classes.map((spec) => parseProviderClass(providerClass({ ...orders, ...spec })));
  return neededRights(parsed.map, cluster, items, { outside });
}

/** `cluster: watch secretproviderclasses`, `shop: get secrets/orders-db`. */
function lines(roles: readonly RbacRole[]): readonly string[] {
  return roles.flatMap(({ namespace = "cluster", rules }) =>
    rules.flatMap(({ resources, resourceNames, uses }) =>
      uses.flatMap(({ verb }) =>
        resources.flatMap((resource) =>
          (resourceNames ?? [undefined]).map(
            (name) => `${namespace}: ${verb} ${resource}${name === undefined ? "" : `/${name}`}`,
          ),
        ),
      ),
    ),
  );
}

const secretLines = (given: Given) => lines(rights(given).roles).filter((line) => line.includes(" secrets"));

test("a namespace that the map lets the bridge act in: every call of the bridge, and its Secrets by name", () => {
  assert.deepEqual(lines(rights({}).roles), [
    "cluster: list secretproviderclasses",
    "cluster: watch secretproviderclasses",
    "cluster: get csidrivers/secrets-store.csi.k8s.io",
    "cluster: get validatingadmissionpolicies/rotation-bridge-cage",
    "cluster: get validatingadmissionpolicybindings/rotation-bridge-cage",
    "kube-system: get daemonsets/aks-secrets-store-csi-driver",
    "kube-system: get daemonsets/csi-secrets-store",
    "kube-system: get daemonsets/secrets-store-csi-driver",
    "shop: get secrets/orders-db",
    "shop: patch secrets/orders-db",
    "shop: list pods",
    "shop: list deployments",
    "shop: list statefulsets",
    "shop: list daemonsets",
    "shop: patch deployments",
    "shop: patch statefulsets",
    "shop: patch daemonsets",
    "shop: list replicasets",
    "shop: list controllerrevisions",
    "shop: list secretproviderclasspodstatuses",
    "shop: patch secretproviderclasspodstatuses",
  ]);
});

test("where the bridge only observes, nothing may be patched", () => {
  const { roles, left } = rights({ mode: "observe" });
  assert.deepEqual(
    lines(roles).filter((line) => line.includes("patch")),
    [],
  );
  assert.ok(lines(roles).includes("shop: get secrets/orders-db"));
  assert.deepEqual(left, ["shop: the map says mode: observe, so nothing may be patched."]);
});

const cageLines = (given: Given) => lines(rights(given).roles).filter((line) => line.includes("rotation-bridge-cage"));

test("whether the cage stands may be read only where the bridge acts and does not do without it", () => {
  assert.equal(cageLines({}).length, 2);
  assert.deepEqual(cageLines({ top: "withoutCage: true" }), []);
  assert.deepEqual(cageLines({ mode: "observe" }), []);
  const narrow = rights({ namespaces: "[shop]", outside: false });
  assert.match(narrow.left.join("\n"), /say withoutCage: true/);
});

const noSecrets: readonly (Given & { readonly what: string; readonly says: RegExp })[] = [
  { what: "a vault that may not flow there", classes: [{ vault: "kv-pay" }], says: /does not let its vault flow here/ },
  { what: "a vault that the map does not name", classes: [{ vault: "kv-else" }], says: /does not let its vault flow/ },
  { what: "a class that cannot be mounted", classes: [{ parameters: { tenantId: "" } }], says: /cannot mount/ },
  { what: "a name that no Secret can have", classes: [{ secrets: { "*": { p: "db" } } }], says: /no Secret can have/ },
  { what: "a name with a line break", classes: [{ secrets: { "a\n- b": { p: "db" } } }], says: /no Secret can have/ },
];

for (const { what, says, ...given } of noSecrets) {
  test(`${what} gives no right on a Secret, above all not on all of them`, () => {
    assert.deepEqual(secretLines(given), []);
    assert.match(rights(given).left.join("\n"), says);
  });
}

test("classes of other providers and of namespaces that the map does not name give nothing", () => {
  const around = lines(rights({ classes: [] }).roles);
  assert.deepEqual(lines(rights({ classes: [{ provider: "vault" }, { namespace: "elsewhere" }] }).roles), around);
});

test("of several classes each Secret is named once", () => {
  const classes = [{}, { name: "other", secrets: { "orders-db": { p: "db" }, tls: { p: "db" } } }];
  assert.deepEqual(secretLines({ classes }), [
    "shop: get secrets/orders-db",
    "shop: get secrets/tls",
    "shop: patch secrets/orders-db",
    "shop: patch secrets/tls",
  ]);
});

test("without patterns classes are watched where the map says, also where there are none yet", () => {
  const { roles, left } = rights({ namespaces: "[shop, pay]" });
  const watches = lines(roles).filter((line) => line.includes("watch"));
  assert.deepEqual(watches, ["pay: watch secretproviderclasses", "shop: watch secretproviderclasses"]);
  assert.deepEqual(left, ["pay: no class yet, so no more than their watch."]);
});

test("for who may grant nothing outside, there is nothing outside", () => {
  const { roles } = rights({ namespaces: "[shop]", outside: false });
  assert.deepEqual([...new Set(lines(roles).map((line) => line.split(":")[0]))], ["shop"]);
});

test("discovery: false gives rights only where a link leads", () => {
  const link = "links: [{ cluster: aks, namespace: shop, vault: kv-shop, object: db, secret: orders-db }]";
  const classes = [{}, { namespace: "shop-eu" }];
  const linked = secretLines({ top: `discovery: false\n${link}`, classes });
  assert.deepEqual(linked, ["shop: get secrets/orders-db", "shop: patch secrets/orders-db"]);
});

test("each role is bound to the one identity, in its own namespace", () => {
  const manifests = rbacManifests(rights({}).roles, "11111111-2222-3333-4444-555555555555");
  assert.deepEqual(
    manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}`.trim()),
    [
      "ClusterRole",
      "ClusterRoleBinding",
      "Role kube-system",
      "RoleBinding kube-system",
      "Role shop",
      "RoleBinding shop",
    ],
  );
  const subjects = manifests.flatMap((manifest) => ("subjects" in manifest ? manifest.subjects : []));
  assert.deepEqual(
    new Set(subjects.map(({ kind, name }) => `${kind} ${name}`)),
    new Set(["User 11111111-2222-3333-4444-555555555555"]),
  );
});
