/** The page about the map and the editors' schema say what the code does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { jsonSchema } from "../../../shared/core/rotation-map/schema.ts";
import { problems } from "./maps.ts";

const root = new URL("../../../", import.meta.url);

test("every example of the documentation is a right map", () => {
  const page = readFileSync(new URL("docs/rotation-map.md", root), "utf8");
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  assert.ok(examples.length >= 8);
  for (const example of examples) assert.deepEqual(problems(example), [], example);
  assert.deepEqual(problems(readFileSync(new URL("rotation-map.example.yaml", root), "utf8")), []);
});

test("the documentation names every word of the map", () => {
  const page = readFileSync(new URL("docs/rotation-map.md", root), "utf8");
  const words = [...JSON.stringify(jsonSchema()).matchAll(/"(\w+)":\{/g)].map((match) => match[1] ?? "");
  for (const word of words.filter((name) => !["properties", "items"].includes(name))) {
    assert.ok(new RegExp(`\\b${word}\\b`).test(page), word);
  }
});

test("the JSON Schema for editors is the one the code makes", () => {
  const file = new URL("schema/rotation-map.schema.json", root);
  const made = `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
  if (process.env["WRITE_SCHEMA"] === "1") writeFileSync(file, made);
  const mend = "Run WRITE_SCHEMA=1 node --test test/core/rotation-map/documentation.test.ts";
  assert.equal(readFileSync(file, "utf8"), made, mend);
});
