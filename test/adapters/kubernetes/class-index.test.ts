import assert from "node:assert/strict";
import { test } from "node:test";
import { classObject, put } from "../../contract/cluster-objects.ts";
import { failing, subject } from "./subject.ts";

const names = (classes: readonly { readonly namespace: string; readonly name: string }[]) =>
  classes.map(({ namespace, name }) => `${namespace}/${name}`).toSorted();

/** Every index of more than no class is watched. */
const watching = { listUpTo: 0 };

test("Few classes are listed at each use", async (t) => {
  const { cluster, store, front } = await subject(t, { listUpTo: 2 });
  for (const name of ["one", "two"]) put(store, "SecretProviderClass", classObject("a", name));
  for (let index = 0; index < 3; index += 1) assert.deepEqual(names(await cluster.index()), ["a/one", "a/two"]);
  store.delete("SecretProviderClass", "a", "one");
  assert.deepEqual(names(await cluster.index()), ["a/two"]);
  assert.equal(front.requests.get("list SecretProviderClass"), 4);
  assert.equal(front.requests.get("watch SecretProviderClass"), undefined);
});

test("A class that was not changed is not parsed again", async (t) => {
  const { cluster, store } = await subject(t);
  for (const name of ["one", "two"]) put(store, "SecretProviderClass", classObject("a", name));
  const [one, two] = await cluster.index();
  store.delete("SecretProviderClass", "a", "two");
  put(store, "SecretProviderClass", classObject("a", "two", "mail"));
  const [same, other] = await cluster.index();
  assert.equal(same, one);
  assert.notEqual(other, two);
});

test("Many classes are listed once, and then only caught up", async (t) => {
  const { cluster, store, front } = await subject(t, { listUpTo: 1 });
  for (const name of ["one", "two"]) put(store, "SecretProviderClass", classObject("a", name));
  for (let index = 0; index < 3; index += 1) await cluster.index();
  assert.equal(front.requests.get("list SecretProviderClass"), 1);
  assert.equal(front.requests.get("watch SecretProviderClass"), 2);
});

test("Looks at the same time share one request", async (t) => {
  const { cluster, front } = await subject(t);
  await Promise.all(Array.from({ length: 20 }, () => cluster.index()));
  assert.equal(front.requests.get("list SecretProviderClass"), 1);
  assert.equal(front.requests.get("watch SecretProviderClass"), undefined);
});

for (const fault of [
  { kind: "status", status: 410 },
  { kind: "status", status: 500 },
  { kind: "status", status: 403 },
  { kind: "status", status: 200, body: "<html>" },
  { kind: "reset" },
] as const) {
  const what = fault.kind === "status" ? `${fault.kind} ${fault.status}` : fault.kind;
  test(`A watch that fails (${what}) is answered by a list`, async (t) => {
    const faults = failing(fault, 9, ({ verb }) => verb === "watch");
    const { cluster, store } = await subject(t, watching, { faults });
    put(store, "SecretProviderClass", classObject("a", "zero"));
    await cluster.index();
    store.delete("SecretProviderClass", "a", "zero");
    put(store, "SecretProviderClass", classObject("a", "one"));
    assert.deepEqual(names(await cluster.index()), ["a/one"]);
    store.delete("SecretProviderClass", "a", "one");
    assert.deepEqual(names(await cluster.index()), []);
  });
}

test("A watch that hangs ends by the time-out of a call, and the list tells what is there", async (t) => {
  const limits = { tries: 1, totalMs: 1_000, tryMs: 80, firstWaitMs: 1 };
  const faults = failing({ kind: "hang" }, 9, ({ verb }) => verb === "watch");
  const { cluster, store } = await subject(t, { ...watching, limits }, { faults });
  put(store, "SecretProviderClass", classObject("a", "one"));
  await cluster.index();
  put(store, "SecretProviderClass", classObject("a", "two"));
  assert.deepEqual(names(await cluster.index()), ["a/one", "a/two"]);
});

test("With namespaces given, only these are asked, each for itself", async (t) => {
  const { cluster, store } = await subject(
    t,
    { indexNamespaces: ["a", "b"] },
    { faults: ({ route }) => (route.namespace === undefined ? { kind: "status", status: 403 } : undefined) },
  );
  for (const namespace of ["a", "b", "c"]) put(store, "SecretProviderClass", classObject(namespace, "one"));
  assert.deepEqual(names(await cluster.index()), ["a/one", "b/one"]);
  put(store, "SecretProviderClass", classObject("b", "two"));
  put(store, "SecretProviderClass", classObject("c", "two"));
  assert.deepEqual(names(await cluster.index()), ["a/one", "b/one", "b/two"]);
});

test("A cluster without the driver's kinds has no classes and no pod statuses", async (t) => {
  const { cluster } = await subject(t, {}, { faults: failing({ kind: "status", status: 404 }) });
  assert.deepEqual(await cluster.index(), []);
  assert.deepEqual(await cluster.classes("a"), []);
  assert.deepEqual(await cluster.podStatuses("a"), []);
});

test("An index that may not list says so", async (t) => {
  const { cluster } = await subject(t, {}, { faults: failing({ kind: "status", status: 403 }) });
  await assert.rejects(cluster.index(), { kind: "forbidden" });
});
