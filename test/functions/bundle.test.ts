import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "../../build.ts";
import { type LogLine, startWorker } from "../../local/functions-host/worker.ts";
import { hashFolder } from "../../tools/dist-hash.ts";
import { packApp, root } from "../pack/packed-app.ts";

// The packed files alone, in a folder with nothing around them: what Azure runs.
const appDir = await packApp();
test.after(() => rm(appDir, { recursive: true, force: true }));

test("the packed app registers every function, each with its trigger", async () => {
  const worker = await startWorker({ appDir, env: {} });
  try {
    assert.deepEqual(
      worker.functions.map(({ name, trigger }) => [name, trigger.type, trigger.queueName ?? trigger.schedule]),
      [
        ["rotate", "queueTrigger", "rotations"],
        ["rotatePoison", "queueTrigger", "rotations-poison"],
        ["keyVaultEvent", "eventGridTrigger", undefined],
        ["reconcile", "timerTrigger", "0 */15 * * * *"],
      ],
    );
  } finally {
    await worker.kill();
  }
});

test("settings name the queue and the schedule", async () => {
  const env = { ROTATION_QUEUE: "other", ROTATION_RECONCILE_SCHEDULE: "0 0 * * * *" };
  const worker = await startWorker({ appDir, env });
  try {
    const seen = worker.functions.map(({ trigger }) => trigger.queueName ?? trigger.schedule);
    assert.deepEqual(seen, ["other", "other-poison", undefined, "0 0 * * * *"]);
  } finally {
    await worker.kill();
  }
});

test("an app with wrong settings registers, and every invocation names all problems in one line", async () => {
  const lines: LogLine[] = [];
  const env = { ROTATION_TIME_BUDGET: "long", AzureWebJobsStorage: "nonsense" };
  const worker = await startWorker({ appDir, env, onLog: (line) => void lines.push(line) });
  try {
    assert.equal(worker.functions.length, 4);
    await assert.rejects(worker.invoke("rotate", { string: "{}" }), /configuration-invalid/);
  } finally {
    await worker.kill();
  }
  const [line, ...more] = lines.filter(({ category }) => category === "user");
  assert.deepEqual([line?.level, line?.functionName, more], ["error", "rotate", []]);
  const { problems } = JSON.parse(line?.message ?? "{}");
  assert.match(problems.join("\n"), /ROTATION_TIME_BUDGET: .*\n.*AzureWebJobsStorage: /s);
});

test("an app without a readable map says so at the invocation", async () => {
  const lines: LogLine[] = [];
  const env = { ROTATION_MAP: "nowhere.yaml", AzureWebJobsStorage: "UseDevelopmentStorage=true" };
  const worker = await startWorker({ appDir, env, onLog: (line) => void lines.push(line) });
  try {
    await assert.rejects(worker.invoke("reconcile", { json: "{}" }), /configuration-invalid/);
  } finally {
    await worker.kill();
  }
  assert.match(lines.map(({ message }) => message).join("\n"), /nowhere\.yaml can't be read/);
});

test("a whole app composes from the bundle alone", async (t) => {
  const lines: LogLine[] = [];
  await writeFile(join(appDir, "test-map.yaml"), await readFile(join(root, "rotation-map.example.yaml")));
  const env = { ROTATION_MAP: "test-map.yaml", AzureWebJobsStorage: "UseDevelopmentStorage=true" };
  const worker = await startWorker({ appDir, env, onLog: (line) => void lines.push(line) });
  try {
    const before = performance.now();
    await worker.invoke("rotate", { string: JSON.stringify({ hello: "world" }) });
    t.diagnostic(`first invocation, everything loaded: ${Math.round(performance.now() - before)} ms`);
  } finally {
    await worker.kill();
  }
  const reasons = lines.filter(({ category }) => category === "user").map(({ message }) => JSON.parse(message).reason);
  assert.deepEqual(reasons, ["not-an-event"]);
});

test("loads in little more time than an empty app", async (t) => {
  const emptyDir = join(appDir, "empty");
  await mkdir(emptyDir, { recursive: true });
  await writeFile(join(emptyDir, "index.ts"), emptyApp);
  await build(join(emptyDir, "dist"), join(emptyDir, "index.ts"));
  await writeFile(join(emptyDir, "package.json"), JSON.stringify({ type: "module", main: "dist/main.mjs" }));
  const loads = { ours: new Array<number>(), empty: new Array<number>() };
  for (let round = 0; round < 3; round += 1) {
    for (const [which, dir] of [["ours", appDir] as const, ["empty", emptyDir] as const]) {
      const worker = await startWorker({ appDir: dir, env: {} });
      loads[which].push(worker.loadMs);
      await worker.kill();
    }
  }
  const ours = Math.min(...loads.ours);
  const empty = Math.min(...loads.empty);
  t.diagnostic(`load: ${ours.toFixed(1)} ms, empty app ${empty.toFixed(1)} ms, ratio ${(ours / empty).toFixed(2)}`);
});

test("two builds of the same sources have the same bytes, in whatever folder the checkout is", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "another-checkout-"));
  try {
    const { inputs } = await build(join(appDir, "again"));
    const manifests = Object.keys(inputs).flatMap((file) =>
      foldersAbove(file).map((folder) => join(folder, "package.json")),
    );
    const files = new Set([...Object.keys(inputs), ...manifests, "tsconfig.json"]);
    for (const file of [...files].filter((name) => existsSync(join(root, name))))
      await cp(join(root, file), join(elsewhere, file), { recursive: true });
    await build(join(elsewhere, "dist"), join(elsewhere, "functions/index.ts"), elsewhere);
    assert.equal(await hashFolder(join(elsewhere, "dist")), await hashFolder(join(appDir, "dist")));
  } finally {
    await rm(elsewhere, { recursive: true, force: true });
  }
});

test("a hash of a build changes with a name and with a byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hashed-"));
  try {
    await writeFile(join(folder, "a.mjs"), "1");
    const first = await hashFolder(folder);
    await writeFile(join(folder, "a.mjs"), "2");
    const second = await hashFolder(folder);
    await rm(join(folder, "a.mjs"));
    await writeFile(join(folder, "b.mjs"), "1");
    assert.equal(new Set([first, second, await hashFolder(folder)]).size, 3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the bundle leaves out only what the worker injects", async () => {
  const { outputs } = await build(join(appDir, "again"));
  const outside = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const foreign = outside.filter(({ path }) => !isBuiltin(path));
  // Libraries try these and go on without them; none of them is installed with the app.
  const optional = new Set(["bufferutil", "utf-8-validate", "kerberos"]);
  const needed = foreign.filter(({ path }) => !optional.has(path)).map(({ kind, path }) => `${kind} ${path}`);
  assert.deepEqual(needed, ["require-call @azure/functions-core"]);
});

/** What `@azure/functions` itself costs: one function and nothing else. */
const emptyApp = `
  import { app } from ${JSON.stringify(join(root, "node_modules/@azure/functions/dist/azure-functions.js"))};
  app.timer("tick", { schedule: "0 0 0 1 1 *", handler: () => undefined });
`;

/** `a/b/c.ts`: `a/b`, `a`, and the checkout itself. A package.json in any of them may decide what is bundled. */
function foldersAbove(file: string): readonly string[] {
  const folder = dirname(file);
  return folder === "." ? ["."] : [folder, ...foldersAbove(folder)];
}
