/** The maps that the pages show are maps that the app takes. (docs/rotation-map.md: test/core/rotation-map/documentation.test.ts) */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { mapProblemText, parseRotationMap } from "../../shared/core/rotation-map.ts";

const root = new URL("../../", import.meta.url);
const pages = [
  "README.md",
  ...readdirSync(new URL("docs", root)).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const maps = pages.flatMap((page) =>
  [...readFileSync(new URL(page, root), "utf8").matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text]) => text ?? "")
    .filter((text) => /^vaults:/m.test(text))
    .map((text, index) => ({ page, index, text })),
);

test("there are maps to look at", () => {
  assert.ok(new Set(maps.map(({ page }) => page)).size >= 3);
});

for (const { page, index, text } of maps) {
  test(`map ${index + 1} of ${page} is valid`, () => {
    const parsed = parseRotationMap(text, page);
    assert.deepEqual(parsed.ok ? [] : parsed.problems.map(mapProblemText), []);
  });
}
