/** The list of mutations follows the engine, and the documentation follows the list. Whether tests notice them: `npm run mutate`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { mutations } from "./mutation/mutations.ts";
import { mutated } from "./mutation/workplace.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("each mutation's text is in the engine, exactly once", () => {
  for (const mutation of mutations) assert.notEqual(mutated(read(mutation.file), mutation), read(mutation.file));
});

test("docs/mutations.md says of each what it breaks and what that does in production", () => {
  const rows = read("docs/mutations.md");
  const missing = mutations.filter(({ name }) => !rows.includes(`\n| \`${name}\` |`));
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
