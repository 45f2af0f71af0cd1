/** The cage names what the code writes. What it stops, on a real API server: test/rig/least-power.ts. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { cageManifests, cageYaml } from "../../cli/cage.ts";
import { managedLabel } from "../../shared/core/kubernetes/names.ts";
import { markerAnnotation, touchAnnotation } from "../../shared/core/marker.ts";

const file = readFileSync(new URL("../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");

test("it lets through the annotations that the bridge writes and looks for the driver's label", () => {
  const rules = JSON.stringify(cageManifests(file, "someone"));
  for (const name of [markerAnnotation, touchAnnotation, managedLabel])
    assert.ok(rules.includes(`\\"${name}\\"`), name);
});

test("the identity stands in one place, and its object id takes it", () => {
  const id = "11111111-2222-3333-4444-555555555555";
  assert.equal(file.split("00000000-0000-0000-0000-000000000000").length, 2);
  assert.equal(cageYaml(file, id).split(id).length, 2);
});

test("whatever it cannot judge is denied, and it is bound to deny", () => {
  const shape = z.tuple([
    z.object({ spec: z.object({ failurePolicy: z.literal("Fail"), validations: z.array(z.unknown()).min(7) }) }),
    z.object({ spec: z.object({ policyName: z.string(), validationActions: z.tuple([z.literal("Deny")]) }) }),
  ]);
  assert.ok(shape.safeParse(cageManifests(file, "someone")).success);
});
