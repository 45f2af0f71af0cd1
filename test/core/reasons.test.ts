import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import {
  allReasons,
  failedReasons,
  ignoredReasons,
  refusedReasons,
  waitingReasons,
} from "../../shared/core/reasons.ts";

const tests = new URL("../", import.meta.url);
const page = readFileSync(new URL("../../docs/reasons.md", import.meta.url), "utf8");

const kinds = [
  { heading: "Waiting", reasons: waitingReasons },
  { heading: "Refused", reasons: refusedReasons },
  { heading: "Failed", reasons: failedReasons },
  { heading: "Ignored", reasons: ignoredReasons },
] as const;

/** The reasons of one section's table, in its order. */
function rows(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| `([a-z-]+)` \| .+ \| .+ \|$/gm)].flatMap(([, reason]) => reason ?? []);
}

for (const { heading, reasons } of kinds) {
  test(`docs/reasons.md explains every reason of kind ${heading}, and no other`, () => {
    assert.deepEqual([...rows(heading)].sort(), Object.keys(reasons).sort());
  });
}

test("every reason is asserted by a test", () => {
  const files = readdirSync(tests, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".test.ts") && !file.endsWith("core/reasons.test.ts"),
  );
  const texts = files.map((file) => readFileSync(new URL(file, tests), "utf8"));
  const missing = Object.keys(allReasons).filter(
    (reason) => !texts.some((text) => text.includes(`(${reason})`) || text.includes(`"${reason}"`)),
  );
  assert.deepEqual(missing, []);
});

test("every sentence is one that a person can read", () => {
  for (const [reason, sentence] of Object.entries(allReasons)) assert.match(sentence, /^[A-Z].+\.$/, reason);
});
