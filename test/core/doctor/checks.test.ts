/** What doctor says of which facts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkClaims, checkOutcomes } from "../../../shared/core/doctor/check-classes.ts";
import { checkDriver } from "../../../shared/core/doctor/check-driver.ts";
import type { DriverFacts } from "../../../shared/core/doctor/check-driver.ts";
import { checkIngresses, checkReloader } from "../../../shared/core/doctor/check-readers.ts";
import { checkRights, rightText, rightsOf } from "../../../shared/core/doctor/check-rights.ts";
import type { RightsFacts } from "../../../shared/core/doctor/check-rights.ts";
import type { Check } from "../../../shared/core/doctor/check.ts";
import { ingressUses, reloadersAmong } from "../../../shared/core/doctor/parse-readers.ts";
import { parseProviderClass } from "../../../shared/core/parse-provider-class.ts";
import type { Outcome } from "../../../shared/core/reasons.ts";
import { providerClass } from "../../scenarios/manifests.ts";
import { said, unmended } from "./said.ts";

function holds(checks: readonly Check[], wanted: readonly RegExp[]): void {
  const lines = said(checks);
  assert.equal(lines.length, wanted.length, lines.join("\n"));
  for (const [index, pattern] of wanted.entries()) assert.match(lines[index] ?? "", pattern);
  assert.deepEqual(unmended(checks), []);
}

const unknown = { generation: "unknown", rotation: "unknown", pollIntervalMs: 120_000 } as const;
const old = { generation: "1.5", rotation: "on", pollIntervalMs: 120_000 } as const;

const drivers: readonly (DriverFacts & { readonly what: string; readonly says: readonly RegExp[] })[] = [
  { what: "read", read: old, mapped: {}, says: [/^✓ .* generation 1\.5\.$/, /^✓ .* on, every 120 s/] },
  { what: "unknown", read: unknown, mapped: {}, says: [/^! .* counts as 1\.6/, /^! .* counts as off/] },
  {
    what: "in the map only",
    read: unknown,
    mapped: { generation: "1.6", rotation: "off" },
    says: [/^✓ .* generation 1\.6, by the map\.$/, /^✓ .* is off/],
  },
  {
    what: "in the map otherwise than in the cluster",
    read: old,
    mapped: { generation: "1.6", rotation: "off" },
    says: [/^× .* generation 1\.5, and the map says 1\.6/, /^× .* is on, and the map says off/],
  },
];

for (const { what, says, ...facts } of drivers) test(`the driver, ${what}`, () => holds(checkDriver(facts), says));

const role = {
  namespace: "shop",
  why: "",
  rules: [
    {
      apiGroup: "",
      resources: ["secrets"],
      resourceNames: ["app", "tls"],
      uses: [
        { verb: "get", why: "" },
        { verb: "patch", why: "" },
      ],
    },
    { apiGroup: "apps", resources: ["deployments"], resourceNames: undefined, uses: [{ verb: "list", why: "" }] },
  ],
} as const;

test("rights are asked for one by one, each name and verb for itself", () => {
  assert.deepEqual(rightsOf([role]).map(rightText), [
    "get secrets/app in shop",
    "patch secrets/app in shop",
    "get secrets/tls in shop",
    "patch secrets/tls in shop",
    "list deployments.apps in shop",
  ]);
});

function rights(denied: RegExp, of: RightsFacts["of"], left: readonly string[] = []) {
  const driver = {
    namespace: "kube-system",
    why: "",
    rules: [
      {
        apiGroup: "apps",
        resources: ["daemonsets"],
        resourceNames: ["aks-secrets-store-csi-driver"],
        uses: [{ verb: "get", why: "" }],
      },
    ],
  } as const;
  const answers = rightsOf([role, driver]).map((right) => ({ right, allowed: !denied.test(rightText(right)) }));
  return checkRights({ answers, of, left });
}

const bridge = { kind: "bridge", user: "the-bridge" } as const;

test("rights: all there, one missing, the driver's only, and whose they are", () => {
  holds(rights(/none/, bridge), [/^✓ The bridge \(the-bridge\) may do all .*: 6 rights/]);
  holds(rights(/patch secrets\/tls/, bridge), [/^× The bridge .* may not patch secrets\/tls in shop\.$/]);
  holds(rights(/daemonsets/, bridge), [/^✓/, /^! .* may not get daemonsets\.apps\/aks-secrets-store-csi-driver/]);
  const caller = { kind: "caller", user: "me", why: "not-allowed" } as const;
  holds(rights(/patch/, caller), [/^! You may not ask for another/, /^! You \(me\) may not patch secrets\/app/]);
  holds(rights(/none/, { ...caller, why: "not-named" }), [/^! These are your own/, /^✓ You/]);
  holds(rights(/none/, bridge, ["shop: no class yet."]), [/^✓/, /^! .*shop: no class yet/]);
});

function outcome(className: string, found: Outcome) {
  return { namespace: "shop", className, outcome: found };
}

test("classes: what is refused, what waits for a person, and what passes by itself", () => {
  const checks = checkOutcomes(
    [
      outcome("good", { kind: "converged", idle: false }),
      outcome("busy", { kind: "waiting", reason: "rollout-running", about: [] }),
      outcome("unsure", { kind: "waiting", reason: "start-unknown", about: ["Deployment/web"] }),
      outcome("missing", { kind: "refused", reason: "object-missing", about: ["contoso/secret/db"] }),
      outcome("mine", { kind: "refused", reason: "no-rbac", about: ["get secrets/app"] }),
      outcome("stuck", { kind: "failed", reason: "rollout-stuck", about: ["a\nb"] }),
    ],
    [{ namespace: "pay", why: "The API server does not allow: list pods in pay." }],
  );
  holds(checks, [
    /^✓ 2 of 6 classes wait for nobody/,
    /^! shop\/unsure is waiting\(start-unknown\): Deployment\/web\.$/,
    /^× shop\/missing is refused\(object-missing\): contoso\/secret\/db\.$/,
    /^! shop\/mine is refused\(no-rbac\): get secrets\/app\. That is with your own sign-in\.$/,
    /^× shop\/stuck is failed\(rollout-stuck\): a.b\.$/,
    /^! pay could not be looked at: The API server does not allow: list pods in pay\.$/,
  ]);
  holds(checkOutcomes([], []), [/^! No class of a mapped namespace/]);
});

test("a Secret that two classes of a namespace make is named, one of another namespace is not", () => {
  const classOf = (name: string, namespace: string) =>
    parseProviderClass(providerClass({ name, namespace, objects: ["db"], secrets: { app: { k: "db" } } }));
  holds(checkClaims([classOf("a", "shop"), classOf("b", "pay")]), [/^✓/]);
  holds(checkClaims([classOf("a", "shop"), classOf("b", "shop")]), [/^× Secret shop\/app is claimed by a, b;/]);
});

const ingress = (name: string, more: object, secretName = "tls") => ({
  metadata: { name, namespace: "shop", ...("annotations" in more ? more : {}) },
  spec: { tls: [{ secretName }], ...("annotations" in more ? {} : more) },
});
const classes = [
  { metadata: { name: "nginx" }, spec: { controller: "k8s.io/ingress-nginx" } },
  {
    metadata: { name: "aks", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
    spec: { controller: "webapprouting.kubernetes.azure.com/nginx" },
  },
  { metadata: { name: "own" }, spec: { controller: "example.com/gateway" } },
];

test("Ingresses of synced Secrets: by class, by annotation, by default, and by a controller that nobody knows", () => {
  const uses = ingressUses(
    [
      ingress("a", { ingressClassName: "nginx" }),
      ingress("b", { annotations: { "kubernetes.io/ingress.class": "nginx" } }),
      ingress("c", {}),
      ingress("d", { ingressClassName: "own" }),
      ingress("e", { ingressClassName: "gone" }),
      ingress("f", { ingressClassName: "nginx" }, "not-synced"),
    ],
    classes,
    new Set(["shop/tls"]),
  );
  holds(checkIngresses(uses), [
    /^✓ Ingress shop\/a serves Secret tls; ingress-nginx loads/,
    /^✓ Ingress shop\/b .* ingress-nginx/,
    /^✓ Ingress shop\/c .* application routing/,
    /^! Ingress shop\/d .* by example\.com\/gateway/,
    /^! Ingress shop\/e .* could not be found out/,
  ]);
  holds(checkIngresses([]), [/^✓ No Ingress/]);
});

test("Reloader is known by its image or its label, not by a name that only sounds like it", () => {
  const deployment = (name: string, image: string, labels = {}) => ({
    metadata: { name, namespace: "ops", labels },
    spec: { template: { spec: { containers: [{ image }] } } },
  });
  assert.deepEqual(
    reloadersAmong([
      deployment("a", "ghcr.io/stakater/reloader:v1.4.2"),
      deployment("b", "mirror.example.com/x:1", { "app.kubernetes.io/name": "reloader" }),
      deployment("my-reloader", "example.com/config-reloader-thing:1"),
    ]),
    ["ops/a", "ops/b"],
  );
});

test("Reloader: here or not, asked or not, or not to be read", () => {
  holds(checkReloader({ installed: [], asking: [] }), [/^✓ .* not here/]);
  holds(checkReloader({ installed: [], asking: ["shop/Deployment/web"] }), [/^! shop\/Deployment\/web .* waits 15 s/]);
  holds(checkReloader({ installed: ["ops/reloader"], asking: [] }), [/^✓ .* runs \(ops\/reloader\); no workload/]);
  holds(checkReloader({ installed: ["ops/reloader"], asking: ["shop/Deployment/web"] }), [/^✓ .* proves its rollouts/]);
  holds(checkReloader({ installed: undefined, asking: ["shop/Deployment/web"] }), [/^! .* could not be read/]);
  holds(checkReloader({ installed: undefined, asking: [] }), [/^✓ No workload asks/]);
});
