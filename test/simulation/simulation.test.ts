import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { play, scriptOf } from "./run-seed.ts";
import { runMany } from "./run-many.ts";
import { shrink } from "./shrink.ts";
import { keptSeeds } from "./seeds.ts";

async function traceOf(seed: number, atEach: () => void = () => undefined): Promise<readonly string[]> {
  const lines: string[] = [];
  const { steps } = await play(scriptOf(seed), (at, text) => {
    lines.push(`${at} ${text}`);
    atEach();
  });
  return [...lines, `${steps} remote calls`];
}

test("a seed is the same world every time, to the last line of its trace", async () => {
  const [first, second] = [await traceOf(7), await traceOf(7)];
  assert.ok(first.length > 20);
  assert.deepEqual(first, second);
});

test("nor does it matter when the garbage collector comes", async () => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  assert.ok(typeof collect === "function");
  const [first, second] = [await traceOf(16), await traceOf(16, () => void collect())];
  assert.deepEqual(first, second);
});

test("every seed that docs/simulation.md tells of is kept", async () => {
  const told = await readFile(new URL("../../docs/simulation.md", import.meta.url), "utf8");
  const rows = [...told.matchAll(/^\| ([0-9]+(?:, [0-9]+)*) \|/gm)].flatMap(([, seeds]) => seeds?.split(", ") ?? []);
  assert.ok(rows.length > 100);
  const kept = new Set(keptSeeds.map(({ seed }) => String(seed)));
  assert.deepEqual(
    rows.filter((seed) => !kept.has(seed)),
    [],
  );
});

for (const { seed, found } of keptSeeds) {
  test(`seed ${seed} holds every law: ${found}`, async () => {
    assert.deepEqual((await play(scriptOf(seed))).broken, []);
  });
}

test("a seed that takes its thread with it fails alone", async () => {
  const told: number[] = [];
  const { seeds, steps, failures } = await runMany({
    seeds: Array.from({ length: 50 }, (_, index) => index),
    workers: 2,
    file: new URL("dying-worker.ts", import.meta.url),
    onPlayed: ({ seed }) => told.push(seed),
  });
  assert.deepEqual([seeds, steps], [50, 40]);
  assert.deepEqual(
    told.toSorted((one, other) => one - other),
    Array.from({ length: 50 }, (_, index) => index),
  );
  const killers = failures.map(({ seed }) => seed).toSorted((one, other) => one - other);
  assert.deepEqual(killers, [3, 7, 13, 17, 23, 27, 33, 37, 43, 47]);
  assert.ok(failures.every(({ broken: [why], killed }) => why !== undefined && killed === true));
});

test("a broken law is cut down to the acts that it needs", async () => {
  const script = scriptOf(7);
  assert.ok(script.acts.length > 10);
  // The bridge tells a value: somebody names a class after one.
  const [space] = script.shape.spaces;
  assert.ok(space !== undefined);
  const spilled = { namespace: space.namespace, name: "kv-0", objects: "value-of-contoso-db-1-9f3c" };
  const at = Math.max(script.shape.installedAt, ...script.acts.map((act) => act.at)) + 1000;
  const acts = [...script.acts, { at, kind: "class-other-objects", params: spilled }];
  const { broken } = await play({ ...script, acts });
  assert.ok(broken.length > 0);
  const shrunk = await shrink({ ...script, acts }, broken);
  assert.ok(shrunk.broken.length > 0);
  assert.ok(shrunk.acts.length <= 3, `still ${shrunk.acts.length} acts`);
});
