import assert from "node:assert/strict";
import { test } from "node:test";
import { findDependents } from "../../../shared/core/dependents.ts";
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
