import { test } from "node:test";
import assert from "node:assert/strict";
import { VirtualClock } from "../../../local/clock.ts";
import { at, listAt, textAt } from "../../../local/cluster/json.ts";
import type { Json, JsonObject } from "../../../local/cluster/json.ts";
import { Store } from "../../../local/cluster/store.ts";

function entry(object: JsonObject, manager: string): Json | undefined {
  return listAt(object, "metadata", "managedFields").find((item) => textAt(item, "manager") === manager);
}

test("A data key belongs to who changed its value last; the entry's time is that of the manager's last change", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 0, 0, 0, 900));
  const store = new Store(clock);
  const metadata = { name: "s", namespace: "ns", labels: { a: "b" } };
  store.create("Secret", { metadata, data: { a: "YQ==", b: "Yg==" } }, { fieldManager: "driver" });
  await clock.advance(60_000);
  const patched = store.mergePatch("Secret", "ns", "s", { data: { a: "Yg==" } }, { fieldManager: "bridge" });
  assert.deepEqual(at(entry(patched, "bridge"), "fieldsV1"), { "f:data": { "f:a": {} } });
  assert.equal(textAt(entry(patched, "bridge"), "time"), "2026-01-01T00:01:00Z");
  assert.deepEqual(at(entry(patched, "driver"), "fieldsV1", "f:data"), { ".": {}, "f:b": {} });
  assert.equal(textAt(entry(patched, "driver"), "time"), "2026-01-01T00:00:00Z");
  await clock.advance(60_000);
  const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u" };
  const owned = store.mergePatch(
    "Secret",
    "ns",
    "s",
    { metadata: { ownerReferences: [owner] } },
    { fieldManager: "driver" },
  );
  assert.equal(textAt(entry(owned, "driver"), "time"), "2026-01-01T00:02:00Z");
  assert.notEqual(
    at(entry(owned, "driver"), "fieldsV1", "f:metadata", "f:ownerReferences", 'k:{"uid":"u"}'),
    undefined,
  );
  assert.notEqual(entry(owned, "bridge"), undefined);
  const reverted = store.mergePatch("Secret", "ns", "s", { data: { a: "YQ==" } }, { fieldManager: "driver" });
  assert.equal(entry(reverted, "bridge"), undefined);
  assert.deepEqual(at(entry(reverted, "driver"), "fieldsV1", "f:data"), { ".": {}, "f:a": {}, "f:b": {} });
});

test("A key that is removed leaves its owner's entry, whose time stays", async () => {
  const clock = new VirtualClock();
  const store = new Store(clock);
  store.create("Secret", { metadata: { name: "s" }, data: { a: "" } }, { fieldManager: "driver" });
  store.mergePatch("Secret", "", "s", { data: { x: "eA==", y: "eQ==" } }, { fieldManager: "mine" });
  await clock.advance(5000);
  const now = store.mergePatch("Secret", "", "s", { data: { x: null } }, { fieldManager: "driver" });
  assert.deepEqual(at(entry(now, "mine"), "fieldsV1"), { "f:data": { "f:y": {} } });
  assert.equal(textAt(entry(now, "driver"), "time"), "2026-01-01T00:00:00Z");
});

test("Annotations of the pod template and env variables are owned one by one", () => {
  const store = new Store(new VirtualClock());
  const template = {
    metadata: { labels: { app: "a" } },
    spec: { containers: [{ name: "main", env: [{ name: "A", value: "1" }] }] },
  };
  store.create("Deployment", { metadata: { name: "d" }, spec: { template } }, { fieldManager: "kubectl" });
  const annotations = { "rotation-bridge/versions": "m" };
  const spec = { template: { metadata: { annotations } } };
  const marked = store.mergePatch("Deployment", "", "d", { spec }, { fieldManager: "rotation-bridge" });
  assert.deepEqual(at(entry(marked, "rotation-bridge"), "fieldsV1"), {
    "f:spec": { "f:template": { "f:metadata": { "f:annotations": { ".": {}, "f:rotation-bridge/versions": {} } } } },
  });
  const env = [
    { name: "A", value: "1" },
    { name: "STAKATER_S_SECRET", value: "h" },
  ];
  const containers = [{ name: "main", env }];
  const reloaded = store.mergePatch(
    "Deployment",
    "",
    "d",
    { spec: { template: { spec: { containers } } } },
    { fieldManager: "Reloader" },
  );
  const path = ["f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"main"}', "f:env"];
  assert.deepEqual(at(entry(reloaded, "Reloader"), "fieldsV1", ...path), {
    'k:{"name":"STAKATER_S_SECRET"}': { ".": {}, "f:name": {}, "f:value": {} },
  });
  assert.notEqual(at(entry(reloaded, "kubectl"), "fieldsV1", ...path, 'k:{"name":"A"}'), undefined);
});

test("Writes of status touch no entry", () => {
  const store = new Store(new VirtualClock());
  const created = store.create(
    "Deployment",
    { metadata: { name: "d" }, spec: { replicas: 1 } },
    { fieldManager: "kubectl" },
  );
  const after = store.mergePatch(
    "Deployment",
    "",
    "d",
    { status: { replicas: 1 } },
    { fieldManager: "controller", subresource: "status" },
  );
  assert.deepEqual(at(after, "metadata", "managedFields"), at(created, "metadata", "managedFields"));
});
