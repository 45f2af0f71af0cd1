/** Small texts that want to become large, and deep ones that want to break a stack: each ends as a refusal. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { parseTargetMessage } from "../../shared/core/parse-message.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { readMessage } from "../../shared/core/secret-event.ts";
import { runHere } from "../cli/run-cli.ts";
import { providerClass } from "../scenarios/manifests.ts";
import { applyApp, assertRuns, unheard } from "../scenarios/one-app.ts";
import { bothGenerations, World } from "../scenarios/world.ts";

/** Ten of nine of nine …: a kilobyte of YAML that is 10^levels items long. */
function laughs(levels: number): string {
  const lines = ['l0: &l0 ["ha"]'];
  for (let level = 1; level <= levels; level += 1)
    lines.push(`l${level}: &l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(", ")}]`);
  return `${lines.join("\n")}\narray: *l${levels}\n`;
}

const bombs: Readonly<Record<string, string>> = {
  "a billion laughs": laughs(9),
  "a billion laughs as one item": `array:\n- ${JSON.stringify(laughs(9))}\n`,
  "a long item many times over": `a: &a "${"x".repeat(60_000)}"\narray: [${Array.from({ length: 1000 }, () => "*a").join(",")}]`,
  "merges of merges": `a: &a {x: 1}\n${Array.from({ length: 200 }, (_, index) => `b${index}: &b${index} {<<: [*a, *${index === 0 ? "a" : `b${index - 1}`}]}`).join("\n")}\narray: []`,
  "an anchor in itself": "array: &a [*a]\n",
  "brackets for ever": `array: ${"[".repeat(60_000)}`,
  "keys for ever": `${"? ".repeat(30_000)}a`,
  "a text without an end": `array: ["${"\\x41".repeat(20_000)}`,
};

for (const [what, objects] of Object.entries(bombs)) {
  test(`in a class, ${what} is an answer that fits on a line`, () => {
    const { content } = parseProviderClass(providerClass({ name: "kv", objects: [], parameters: { objects } }));
    assert.ok(!content.ok);
    assert.ok(content.error.message.length < 2000, content.error.message.slice(0, 200));
  });
}

for (const generation of bothGenerations) {
  test(`beside classes that are bombs the others rotate, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world);
    for (const [index, objects] of Object.values(bombs).entries())
      world.blue.apply(providerClass({ name: `bomb-${index}`, objects: [], parameters: { objects } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });
}

test("a map that is a bomb is a problem with a place", () => {
  for (const text of [`vaults: []\n${laughs(9)}`, `clusters: ${"[".repeat(2000)}`, `a: &a [*a]`]) {
    const parsed = parseRotationMap(text, "map.yaml");
    assert.ok(!parsed.ok && parsed.problems.length > 0);
  }
});

test("a file of classes that is a bomb ends the command with a sentence", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bomb-"));
  try {
    const file = join(folder, "class.yaml");
    for (const text of [laughs(9), `kind: List\nitems: &a [*a]`, "[".repeat(5000)]) {
      await writeFile(file, text);
      const { code, out, err } = await runHere(["render", file]);
      assert.notEqual(code, 0);
      assert.ok(`${out}${err}`.length < 5000);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a message that is deep, wide or large is dropped with its reason", () => {
  const deep = (bit: string, end: string, levels: number) => `${bit.repeat(levels)}1${end.repeat(levels)}`;
  const texts = [
    deep("[", "]", 400_000),
    deep('{"a":', "}", 150_000),
    "[".repeat(1_000_000),
    `[${"1,".repeat(400_000)}1]`,
    `{"data":${deep("[", "]", 100_000)},"eventType":"Microsoft.KeyVault.SecretNewVersionCreated"}`,
    JSON.stringify({ kind: "target", padding: "x".repeat(1_100_000) }),
  ];
  for (const text of texts) {
    const { events, ignored } = readMessage(text);
    assert.deepEqual(events, []);
    assert.ok(ignored.length > 0 && ignored.every(({ about }) => about.length < 200));
    assert.equal(parseTargetMessage(text), undefined);
  }
});
