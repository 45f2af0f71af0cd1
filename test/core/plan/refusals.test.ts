import assert from "node:assert/strict";
import { test } from "node:test";
import { findDependents } from "../../../shared/core/dependents.ts";
import type { StepProblem } from "../../../shared/core/plan/plan-types.ts";
import { judgeSecret } from "../../../shared/core/plan/refusals.ts";
import { classOf, policyOf } from "./builders.ts";

const owner = classOf("kv", ["db"], { app: { k: "db" } });
const found = findDependents({ classes: [owner], workloads: [], pods: [], podStatuses: [] }, policyOf());
const [entry] = owner.content.secretObjects;

// What a rendering can have against one Secret -> the reason that a person reads.
for (const [kind, reason] of [
  ["invalid", "secret-invalid"],
  ["unsupported", "unsupported"],
  ["harmful", "unusable-tls"],
] as const)
  test(`${reason}: a Secret whose rendering is ${kind} is refused with the rendering's words`, () => {
    assert.ok(entry !== undefined);
    const rendered = { ok: false, error: { kind, message: "Mend it." } } as const;
    const outcome = judgeSecret(entry, owner, rendered, undefined, found, new Map());
    assert.deepEqual(outcome, { kind: "refused", reason, about: ["Secret/app", "Mend it."] });
  });

// What stopped a write -> what is said of its Secret: the same reason, in the list that it is from.
const problems: readonly StepProblem[] = [
  { kind: "refused", reason: "no-rbac", about: "patch secrets/app" },
  { kind: "failed", reason: "patch-rejected", about: "denied by a policy" },
];
for (const problem of problems)
  test(`${problem.reason}: a Secret whose write met it is ${problem.kind}`, () => {
    assert.ok(entry !== undefined);
    const rendered = { ok: true, type: "Opaque", data: new Map(), sources: new Map() } as const;
    const outcome = judgeSecret(entry, owner, rendered, undefined, found, new Map([["Secret/app", problem]]));
    assert.deepEqual(outcome, { kind: problem.kind, reason: problem.reason, about: ["Secret/app", problem.about] });
  });
