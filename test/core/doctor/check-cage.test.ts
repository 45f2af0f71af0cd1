/** The cage as doctor sees it: absent, somebody else's, changed, or as it was shipped. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cageManifests } from "../../../cli/cage.ts";
import { isObject, toJson } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { mergePatch } from "../../../local/cluster/merge-patch.ts";
import { checkCage } from "../../../shared/core/doctor/check-cage.ts";
import type { CagePosition } from "../../../shared/core/doctor/check-cage.ts";
import { said, unmended } from "./said.ts";

const file = readFileSync(new URL("../../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");
const user = "11111111-2222-3333-4444-555555555555";

function shipped(name: string, text: string = file) {
  const [policy, binding] = cageManifests(text, name).map(toJson);
  assert.ok(isObject(policy) && isObject(binding));
  return { policy, binding };
}

/** What a real API server (1.36) writes into it. */
const defaults: JsonObject = {
  metadata: { uid: "u", generation: 1 },
  spec: {
    matchConstraints: {
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: [
        {
          apiGroups: ["*"],
          apiVersions: ["*"],
          operations: ["CREATE", "UPDATE", "DELETE", "CONNECT"],
          resources: ["*/*"],
          scope: "*",
        },
      ],
    },
  },
  status: { observedGeneration: 1, typeChecking: {} },
};

function position(changes: Partial<CagePosition> = {}): CagePosition {
  const { policy, binding } = shipped(user);
  const stored = mergePatch(policy, defaults);
  return { policy: stored, binding, user, shipped, acts: true, withoutCage: false, ...changes };
}

const weaker = file.replace(
  'expression: variables.write != "secret" || variables.dataBefore.all(key, key in variables.dataAfter)',
  "expression: true",
);
const tolerant = file.replace('expression: "[]"', `expression: '["policies.example.com/"]'`);

const rows: readonly {
  readonly what: string;
  readonly of: Partial<CagePosition>;
  readonly says: readonly RegExp[];
}[] = [
  { what: "as shipped", of: {}, says: [/^✓ The cage stands around 1111/, /^✓ Its rules are those/] },
  {
    what: "absent in act mode",
    of: { policy: undefined, binding: undefined },
    says: [/^× There is no cage.*refused\(no-cage\)/],
  },
  {
    what: "absent in observe mode",
    of: { policy: undefined, binding: undefined, acts: false },
    says: [/^! There is no cage.*needed before mode: act/],
  },
  {
    what: "absent by the map's leave",
    of: { policy: undefined, binding: undefined, withoutCage: true },
    says: [/^! There is no cage.*acts without it/],
  },
  { what: "not bound", of: { binding: undefined }, says: [/^× There is no ValidatingAdmissionPolicyBinding/] },
  { what: "around another identity", of: shipped("somebody-else"), says: [/^× .* is not about the identity/] },
  {
    what: "around an identity that nobody named",
    of: { user: undefined },
    says: [/^! The cage stands around 1111.* was not checked/, /^✓/],
  },
  {
    what: "with a rule taken out",
    of: shipped(user, weaker),
    says: [/^✓/, /^! Its rules are not those.*spec\.validations\[6\]\.expression/],
  },
  {
    what: "with prefixes tolerated",
    of: shipped(user, tolerant),
    says: [/^✓/, /^✓ Its rules are those/, /^! It tolerates .*policies\.example\.com/],
  },
  {
    what: "with exceptions in the binding",
    of: { binding: mergePatch(shipped(user).binding, { spec: { paramRef: { name: "x" } } }) },
    says: [/^✓/, /^! .*spec\.paramRef/],
  },
  {
    what: "although the map does without it",
    of: { withoutCage: true },
    says: [/^✓/, /^✓/, /^! The map says withoutCage although/],
  },
];

for (const { what, of, says } of rows) {
  test(`the cage, ${what}`, () => {
    const checks = checkCage(position(of));
    const lines = said(checks);
    assert.equal(lines.length, says.length, lines.join("\n"));
    for (const [index, pattern] of says.entries()) assert.match(lines[index] ?? "", pattern);
    assert.deepEqual(unmended(checks), []);
  });
}
