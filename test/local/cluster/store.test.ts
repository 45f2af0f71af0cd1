import { test } from "node:test";
import assert from "node:assert/strict";
import { VirtualClock } from "../../../local/clock.ts";
import { ApiError } from "../../../local/cluster/api-error.ts";
import type { ApiReason } from "../../../local/cluster/api-error.ts";
import { at, numberAt, objectAt, textAt } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { Store } from "../../../local/cluster/store.ts";
import type { WatchEvent } from "../../../local/cluster/watch-log.ts";

const me = { fieldManager: "me" };

function newStore(options = {}): { clock: VirtualClock; store: Store } {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 0, 0, 0, 700));
  return { clock, store: new Store(clock, options) };
}

function secret(data: JsonObject, more: JsonObject = {}): JsonObject {
  return { metadata: { name: "s", namespace: "ns" }, data, ...more };
}

function pod(spec: JsonObject): JsonObject {
  return { metadata: { name: "p", namespace: "ns" }, spec };
}

function refusal(status: number, reason: ApiReason): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && error.status === status && error.reason === reason;
}

test("A created object has identity, whole-second times and the next resourceVersion", () => {
  const { store } = newStore();
  const created = store.create("Secret", secret({ k: "YQ==" }), me);
  assert.equal(created["apiVersion"], "v1");
  assert.equal(created["kind"], "Secret");
  assert.equal(created["type"], "Opaque");
  assert.equal(textAt(created, "metadata", "creationTimestamp"), "2026-01-01T00:00:00Z");
  assert.equal(textAt(created, "metadata", "resourceVersion"), store.resourceVersion);
  assert.match(textAt(created, "metadata", "uid"), /^[0-9a-f-]{36}$/);
  assert.throws(() => store.create("Secret", secret({}), me), refusal(409, "AlreadyExists"));
  assert.throws(() => store.get("Secret", "ns", "none"), refusal(404, "NotFound"));
});

test("stringData is stored as base64 data", () => {
  const { store } = newStore();
  const created = store.create("Secret", secret({ a: "YQ==" }, { stringData: { b: "ü" } }), me);
  assert.deepEqual(created["data"], { a: "YQ==", b: "w7w=" });
  assert.equal(created["stringData"], undefined);
});

test("A merge patch changes and removes members, and a resourceVersion in it is a lock", () => {
  const { store } = newStore();
  const first = store.create("Secret", secret({ a: "YQ==", b: "Yg==" }), me);
  const resourceVersion = textAt(first, "metadata", "resourceVersion");
  const patched = store.mergePatch(
    "Secret",
    "ns",
    "s",
    { metadata: { resourceVersion }, data: { a: "Yg==", b: null } },
    me,
  );
  assert.deepEqual(patched["data"], { a: "Yg==" });
  const stale = { metadata: { resourceVersion }, data: { a: "Yw==" } };
  assert.throws(() => store.mergePatch("Secret", "ns", "s", stale, me), refusal(409, "Conflict"));
  assert.throws(() => store.mergePatch("Secret", "ns", "none", {}, me), refusal(404, "NotFound"));
});

test("A patch that changes nothing keeps resourceVersion and managedFields, and tells no watch", async () => {
  const { store, clock } = newStore();
  const first = store.create("Secret", secret({ a: "YQ==" }), me);
  const events: WatchEvent[] = [];
  store.watch("Secret", store.resourceVersion, (event) => void events.push(event));
  await clock.advance(5000);
  assert.equal(store.mergePatch("Secret", "ns", "s", { data: { a: "YQ==" } }, { fieldManager: "other" }), first);
  assert.deepEqual(events, []);
});

test("The generation counts changes of spec, not of metadata or status", () => {
  const { store } = newStore();
  const object = { metadata: { name: "d", namespace: "ns" }, spec: { replicas: 1 }, status: { replicas: 9 } };
  const generation = (): number | undefined => numberAt(store.get("Deployment", "ns", "d"), "metadata", "generation");
  assert.equal(store.create("Deployment", object, me)["status"], undefined);
  store.mergePatch("Deployment", "ns", "d", { metadata: { annotations: { a: "b" } } }, me);
  store.mergePatch("Deployment", "ns", "d", { status: { replicas: 1 } }, { ...me, subresource: "status" });
  assert.equal(generation(), 1);
  assert.deepEqual(store.get("Deployment", "ns", "d")["status"], { replicas: 1 });
  store.mergePatch("Deployment", "ns", "d", { spec: { replicas: 2 }, status: { replicas: 7 } }, me);
  assert.equal(generation(), 2);
  assert.deepEqual(store.get("Deployment", "ns", "d")["status"], { replicas: 1 });
});

test("PUT replaces the object, keeps its identity and heeds its resourceVersion", () => {
  const { store } = newStore();
  const first = store.create("Secret", secret({ a: "YQ==", b: "Yg==" }), me);
  const put = store.update("Secret", secret({ a: "Yg==" }), me);
  assert.deepEqual(put["data"], { a: "Yg==" });
  assert.equal(textAt(put, "metadata", "uid"), textAt(first, "metadata", "uid"));
  assert.throws(() => store.update("Secret", { ...first, data: {} }, me), refusal(409, "Conflict"));
});

const big = Buffer.alloc(1024 * 1024 + 1).toString("base64");
const tls = { type: "kubernetes.io/tls" };
const refusedSecrets: readonly { name: string; object: JsonObject; status: number; reason: ApiReason }[] = [
  { name: "a value that is not base64", object: secret({ a: "?" }), status: 400, reason: "BadRequest" },
  { name: "a key with a slash", object: secret({ "a/b": "" }), status: 422, reason: "Invalid" },
  { name: "a key of two dots", object: secret({ "..": "" }), status: 422, reason: "Invalid" },
  { name: "a key of 254 letters", object: secret({ ["a".repeat(254)]: "" }), status: 422, reason: "Invalid" },
  { name: "more than 1 MiB", object: secret({ a: big }), status: 422, reason: "Invalid" },
  { name: "TLS without a key", object: secret({ "tls.crt": "" }, tls), status: 422, reason: "Invalid" },
  {
    name: "a docker configuration that is not JSON",
    object: secret({ ".dockerconfigjson": "YQ==" }, { type: "kubernetes.io/dockerconfigjson" }),
    status: 422,
    reason: "Invalid",
  },
];

for (const { name, object, status, reason } of refusedSecrets) {
  test(`A Secret with ${name} is refused with ${status}`, () => {
    const { store } = newStore();
    assert.throws(() => store.create("Secret", object, me), refusal(status, reason));
    const { type } = object;
    store.create("Secret", secret({ "tls.crt": "", "tls.key": "" }, type === undefined ? {} : tls), me);
    if (type === undefined) {
      const patch = { data: object["data"] ?? {} };
      assert.throws(() => store.mergePatch("Secret", "ns", "s", patch, me), refusal(status, reason));
    }
  });
}

test("A Secret of exactly 1 MiB, empty values and every letter a key may have are taken", () => {
  const { store } = newStore();
  const data = { "-._aZ9": "", big: Buffer.alloc(1024 * 1024).toString("base64") };
  assert.deepEqual(store.create("Secret", secret(data), me)["data"], data);
});

test("A Secret's type never changes, and an immutable one keeps its data", () => {
  const { store } = newStore();
  store.create("Secret", secret({ a: "YQ==" }, { immutable: true }), me);
  for (const patch of [{ type: "other" }, { data: { a: "Yg==" } }, { immutable: false }, { data: { b: "Yg==" } }]) {
    assert.throws(() => store.mergePatch("Secret", "ns", "s", patch, me), refusal(422, "Invalid"));
  }
  store.mergePatch("Secret", "ns", "s", { metadata: { labels: { a: "b" } } }, me);
});

test("A pod on a node gets a deletionTimestamp first and goes when its kubelet says so", () => {
  const { store } = newStore();
  store.create("Pod", pod({ nodeName: "n", terminationGracePeriodSeconds: 20 }), me);
  const deleting = store.delete("Pod", "ns", "p");
  assert.equal(textAt(deleting, "metadata", "deletionTimestamp"), "2026-01-01T00:00:20Z");
  assert.equal(store.delete("Pod", "ns", "p"), deleting);
  store.delete("Pod", "ns", "p", { gracePeriodSeconds: 0 });
  assert.equal(store.find("Pod", "ns", "p"), undefined);
  store.create("Pod", pod({}), me);
  store.delete("Pod", "ns", "p");
  assert.equal(store.find("Pod", "ns", "p"), undefined);
});

test("A finalizer holds a deleted object until it is removed", () => {
  const { store } = newStore();
  store.create("Secret", { metadata: { name: "s", namespace: "ns", finalizers: ["f"] } }, me);
  store.delete("Secret", "ns", "s");
  assert.notEqual(textAt(store.get("Secret", "ns", "s"), "metadata", "deletionTimestamp"), "");
  store.mergePatch("Secret", "ns", "s", { metadata: { finalizers: null } }, me);
  assert.equal(store.find("Secret", "ns", "s"), undefined);
});

test("A delete with the wrong uid or resourceVersion is a conflict", () => {
  const { store } = newStore();
  store.create("Secret", secret({}), me);
  assert.throws(() => store.delete("Secret", "ns", "s", { uid: "x" }), refusal(409, "Conflict"));
  assert.throws(() => store.delete("Secret", "ns", "s", { resourceVersion: "0" }), refusal(409, "Conflict"));
});

test("A list shows one namespace or all, by name, and only what the selector wants", () => {
  const { store } = newStore();
  for (const [namespace, name, app] of [
    ["b", "x", "one"],
    ["a", "z", "two"],
    ["a", "y", "one"],
  ] as const) {
    store.create("Secret", { metadata: { namespace, name, labels: { app } } }, me);
  }
  const names = (namespace?: string, labelSelector = ""): readonly string[] =>
    store.list("Secret", namespace, { labelSelector }).items.map((item) => textAt(item, "metadata", "name"));
  assert.deepEqual(names(), ["y", "z", "x"]);
  assert.deepEqual(names("a"), ["y", "z"]);
  assert.deepEqual(names(undefined, "app=one"), ["y", "x"]);
  assert.deepEqual(names(undefined, "app!=one"), ["z"]);
  assert.deepEqual(names(undefined, "app in (two, three)"), ["z"]);
  assert.deepEqual(names(undefined, "app notin (two),app"), ["y", "x"]);
  assert.deepEqual(names(undefined, "!app"), []);
});

test("A watch tells everything after its version in order, also what a listener causes itself", () => {
  const { store } = newStore();
  store.create("Secret", secret({}), me);
  const from = store.resourceVersion;
  store.mergePatch("Secret", "ns", "s", { data: { a: "YQ==" } }, me);
  const seen: string[] = [];
  const stop = store.watch("Secret", from, ({ type, object }) => {
    seen.push(`${type} ${Object.keys(objectAt(object, "data")).join()}`);
    if (seen.length === 2) store.mergePatch("Secret", "ns", "s", { data: { c: "Yw==" } }, me);
  });
  store.mergePatch("Secret", "ns", "s", { data: { b: "Yg==" } }, me);
  store.delete("Secret", "ns", "s");
  stop();
  store.create("Secret", secret({}), me);
  assert.deepEqual(seen, ["MODIFIED a", "MODIFIED a,b", "MODIFIED a,b,c", "DELETED a,b,c"]);
});

test("A watch without a version tells what exists first; one from a forgotten version gets 410", () => {
  const { store } = newStore({ watchHistory: 2 });
  const from = store.create("Secret", secret({}), me);
  const types: string[] = [];
  store.watch("Secret", undefined, ({ type }) => void types.push(type));
  assert.deepEqual(types, ["ADDED"]);
  for (let turn = 0; turn < 6; turn += 1) {
    store.mergePatch("Secret", "ns", "s", { metadata: { labels: { turn: String(turn) } } }, me);
  }
  const old = textAt(from, "metadata", "resourceVersion");
  assert.throws(() => store.watch("Secret", old, () => undefined), refusal(410, "Expired"));
  const now = store.resourceVersion;
  store.mergePatch("Secret", "ns", "s", { data: { a: "" } }, me);
  store.watch("Secret", now, () => undefined);
  store.compact();
  assert.throws(() => store.watch("Secret", now, () => undefined), refusal(410, "Expired"));
});

test("An admission webhook may refuse or change a write", () => {
  const { store } = newStore();
  const remove = store.admit(({ object, fieldManager }) => {
    if (fieldManager === "stranger") throw new ApiError(403, "Forbidden", "denied");
    return { ...object, data: { ...objectAt(object, "data"), added: "" } };
  });
  assert.throws(() => store.create("Secret", secret({}), { fieldManager: "stranger" }), refusal(403, "Forbidden"));
  assert.deepEqual(store.create("Secret", secret({ a: "" }), me)["data"], { a: "", added: "" });
  remove();
  assert.deepEqual(store.mergePatch("Secret", "ns", "s", { data: { added: null } }, me)["data"], { a: "" });
});

test("Cluster-scoped objects have no namespace", () => {
  const { store } = newStore();
  store.create("CSIDriver", { metadata: { name: "d", namespace: "ns" } }, me);
  assert.equal(at(store.get("CSIDriver", "whatever", "d"), "metadata", "namespace"), undefined);
});
