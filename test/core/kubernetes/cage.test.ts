/** What counts as a cage, from the shipped policy as an API server gives it back, with one thing changed at a time. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cageManifests } from "../../../cli/cage.ts";
import { mergePatch } from "../../../local/cluster/merge-patch.ts";
import { isObject, toJson } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { judgeCage } from "../../../shared/core/kubernetes/cage.ts";

const file = readFileSync(new URL("../../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");
const user = "11111111-2222-3333-4444-555555555555";

/** What the API server adds by itself. */
const added = {
  spec: { matchConstraints: { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} } },
  status: { observedGeneration: 1 },
};

function facts(policy: JsonObject | undefined, binding: JsonObject | undefined, as: string = user) {
  const [shipped, bound] = cageManifests(file, user).map(toJson);
  assert.ok(isObject(shipped) && isObject(bound));
  return {
    policy: policy === undefined ? undefined : mergePatch(mergePatch(shipped, added), policy),
    binding: binding === undefined ? undefined : mergePatch(bound, binding),
    user: as,
  };
}

test("the shipped policy and binding, filled in for the identity that signs in, are a cage", () => {
  assert.deepEqual(judgeCage(facts({}, {})), { stands: true });
});

const everything = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] };

test("a policy that says the same in other words is a cage too", () => {
  assert.deepEqual(judgeCage(facts(rules({ ...everything, scope: "*" }), {})), { stands: true });
});

interface Row {
  readonly what: string;
  readonly policy?: JsonObject | undefined;
  readonly binding?: JsonObject | undefined;
  readonly as?: string;
  readonly why: RegExp;
}

const rules = (rule: JsonObject): JsonObject => ({ spec: { matchConstraints: { resourceRules: [rule] } } });
const condition = (expression: string): JsonObject => ({ spec: { matchConditions: [{ name: "only", expression }] } });

const rows: readonly Row[] = [
  { what: "no policy", policy: undefined, why: /^There is no ValidatingAdmissionPolicy rotation-bridge-cage\.$/ },
  { what: "no binding", binding: undefined, why: /^There is no ValidatingAdmissionPolicyBinding / },
  { what: "another identity", as: "99999999-2222-3333-4444-555555555555", why: /not about the identity .* 99999999-/ },
  { what: "no condition", policy: { spec: { matchConditions: null } }, why: /not about the identity/ },
  { what: "a condition that is never met", policy: condition("false"), why: /not about the identity/ },
  {
    what: "a further condition",
    policy: {
      spec: {
        matchConditions: [
          {
            name: "a",
            expression: `has(request.userInfo.username) && request.userInfo.username == "${user}"`,
          },
          { name: "b", expression: "false" },
        ],
      },
    },
    why: /not about the identity/,
  },
  { what: "what it can't judge", policy: { spec: { failurePolicy: "Ignore" } }, why: /cannot judge/ },
  { what: "no rules", policy: { spec: { validations: [] } }, why: /has no rule/ },
  { what: "no creations", policy: rules({ ...everything, operations: ["UPDATE"] }), why: /every kind of write/ },
  { what: "no subresources", policy: rules({ ...everything, resources: ["*"] }), why: /every kind of write/ },
  { what: "one API group", policy: rules({ ...everything, apiGroups: ["apps"] }), why: /every kind of write/ },
  { what: "some names", policy: rules({ ...everything, resourceNames: ["a"] }), why: /every kind of write/ },
  { what: "namespaced objects", policy: rules({ ...everything, scope: "Namespaced" }), why: /every kind of write/ },
  {
    what: "some namespaces",
    policy: { spec: { matchConstraints: { namespaceSelector: { matchLabels: { a: "b" } } } } },
    why: /every kind of write/,
  },
  {
    what: "exceptions",
    policy: { spec: { matchConstraints: { excludeResourceRules: [everything] } } },
    why: /every kind of write/,
  },
  { what: "a binding that warns", binding: { spec: { validationActions: ["Warn"] } }, why: /does not deny/ },
  { what: "another policy's binding", binding: { spec: { policyName: "other" } }, why: /of another policy/ },
  {
    what: "a binding for some namespaces",
    binding: { spec: { matchResources: { namespaceSelector: { matchLabels: { a: "b" } } } } },
    why: /leaves some requests out/,
  },
];

for (const row of rows) {
  test(`no cage: ${row.what}`, () => {
    const policy = "policy" in row ? row.policy : {};
    const binding = "binding" in row ? row.binding : {};
    const judged = judgeCage(facts(policy, binding, row.as));
    assert.equal(judged.stands, false);
    assert.match(judged.stands ? "" : judged.why, row.why);
  });
}
