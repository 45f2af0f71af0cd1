import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { withMeasured } from "../rig/compare/document.ts";
import { documentWith, readResults } from "../rig/compare/files.ts";
import type { Results, Run, Sample } from "../rig/compare/results.ts";
import { rotationTable } from "../rig/compare/tables.ts";
import { vaultTables } from "../rig/compare/vault-tables.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

const run: Run = {
  date: "2026-01-01",
  command: "npm run compare",
  machine: "2 cores",
  node: "24.0.0",
  kubernetes: "1.36.3",
  commit: "0000000",
  minutes: 20,
  namespaces: 1,
  rounds: 2,
  replicas: 3,
  objects: 3,
  pollInterval: "2m",
  syncSeconds: 60,
  quietSeconds: 150,
  randomSeconds: 120,
};
const bridge: Sample = {
  cell: "bridge-161-on",
  way: "bridge",
  mode: { driver: "1.6.1", rotation: "on" },
  namespace: 1,
  round: 1,
  createdAt: 1,
  watchedMs: 300_000,
  secretMs: 2000,
  podsMs: 8000,
  reverts: 0,
  starts: 3,
  wrongStarts: 0,
  outcome: "converged",
  vault: { driver: 9, bridge: 10 },
};
const watcher: Sample = { ...bridge, cell: "watcher-161-on", way: "watcher", secretMs: 60_000, podsMs: 65_000 };
const byHand: Sample = {
  ...bridge,
  cell: "by-hand-156-off",
  way: "by-hand",
  mode: { driver: "1.5.6", rotation: "off" },
  secretMs: null,
  podsMs: null,
  wrongStarts: 3,
};
const on161 = { driver: "1.6.1", rotation: "on" } as const;
const results: Results = {
  rotations: {
    run,
    samples: [bridge, { ...bridge, round: 2, secretMs: 3000, starts: 4, wrongStarts: 1 }, watcher, byHand],
  },
  vaultRequests: {
    run,
    steady: [{ mode: on161, pods: 3, objects: 3, minutes: 10, requests: 72 }],
    looks: [{ mode: on161, namespaces: 5, objects: 15, requests: 15 }],
    rotations: [{ way: "bridge", mode: { driver: "1.6.1", rotation: "off" }, driver: 9, bridge: 10 }],
  },
};

describe("The table of rotations", () => {
  const lines = rotationTable(results.rotations);
  const row = (words: string) => lines.filter((line) => line.includes(words));

  test("one row for each cell that has samples", () => assert.equal(lines.length, 2 + 3));

  test("spread in seconds, and pods that started wrong of all that started", () => {
    assert.deepEqual(row("Rotation Bridge"), [
      "| Rotation Bridge | 1.6.1, rotation on | 2 | 3.0 (2.0 to 3.0) | 8.0 (8.0 to 8.0) | 1 of 7 |",
    ]);
  });

  test("what never came says so", () => {
    assert.match(row("by hand").join(), /\| 1 \| never \(1 of 1\) \| never \(1 of 1\) \| 3 of 3 \|/);
  });
});

describe("The tables of vault requests", () => {
  const lines = vaultTables(results.vaultRequests);

  test("counted: with what was counted, and what it comes to", () => {
    assert.ok(lines.some((line) => line.includes("| 3 pods x 3 objects, 10.0 min | 72 | 48.0 an hour")));
    assert.ok(lines.some((line) => line.includes("| driver 9 (9 to 9), bridge 10 (10 to 10) |")));
  });

  test("calculated: 48 an hour x pods x 3 objects; the bridge adds 4 looks x 3 objects, and 10 reads for a rotation", () => {
    const calculated = lines.slice(lines.findLastIndex((line) => line.startsWith("###")));
    assert.deepEqual(
      calculated.filter((line) => line.includes("1.6.1, rotation on")),
      [
        "| driver rotates, Secret watcher restarts (stand-in for Reloader) | 1.6.1, rotation on | 1,440 | 14,400 | 144,000 | 30 | 300 | 3,000 |",
        "| Rotation Bridge | 1.6.1, rotation on | 1,452 | 14,412 | 144,012 | 40 | 310 | 3,010 |",
      ],
    );
    assert.match(calculated.join(), /10 pods \(calculated\)/);
  });

  test("the watcher is called a stand-in in every table that has it", () => {
    const all = [...rotationTable(results.rotations), ...lines].filter((line) => /watcher|Reloader/.test(line));
    assert.ok(all.length > 1);
    for (const line of all) assert.match(line, /stand-in for Reloader/);
  });
});

describe("docs/compare.md", () => {
  test("what is between the markers is replaced, and nothing else", () => {
    const [begin, end] = ["<!-- measured: written by npm run compare, do not edit -->", "<!-- /measured -->"];
    const document = (inside: string) => `before\n${begin}\n\n${inside}\n\n${end}\nafter\n`;
    assert.equal(withMeasured(document("old\nlines"), ["new"]), document("new"));
    assert.throws(() => withMeasured("before\nafter\n", ["new"]), /needs these two lines once/);
    assert.throws(() => withMeasured(document("old") + document("old"), ["new"]), /needs these two lines once/);
  });

  test("its tables are what its raw data give", async () => {
    const text = await readFile(join(docs, "compare.md"), "utf8");
    assert.equal(documentWith(text, await readResults(docs)), text);
  });
});
