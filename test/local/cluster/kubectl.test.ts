import { test } from "node:test";
import assert from "node:assert/strict";
import { at, listAt, objectAt, textAt } from "../../../local/cluster/json.ts";
import { livePods, providerClass, rig, workload } from "./fixture.ts";

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: team
  annotations: { keep: "1", drop: "1" }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: main, image: "app:1" }]
---
apiVersion: v1
kind: Secret
metadata: { name: plain, namespace: team }
stringData: { a: b }
`;

test("apply creates what a YAML text holds, with its namespace, and changes only what the text changes", async () => {
  const { cluster, clock } = rig();
  cluster.apply(manifest);
  assert.equal(cluster.secretValue("team", "plain", "a"), "b");
  assert.notEqual(cluster.store.find("Namespace", "", "team"), undefined);
  await clock.advance(10_000);
  cluster.patch("Deployment", "team", "web", { metadata: { annotations: { other: "2" } }, spec: { replicas: 3 } });
  cluster.apply(manifest.replace(', drop: "1"', "").replace("app:1", "app:2").replace("  replicas: 1\n", ""));
  const web = cluster.store.get("Deployment", "team", "web");
  const annotations = objectAt(web, "metadata", "annotations");
  assert.deepEqual([annotations["keep"], annotations["drop"], annotations["other"]], ["1", undefined, "2"]);
  assert.equal(textAt(listAt(web, "spec", "template", "spec", "containers")[0], "image"), "app:2");
  assert.equal(at(web, "spec", "replicas"), undefined);
  cluster.stop();
});

test("Applying the same text again changes nothing", async () => {
  const { cluster, clock } = rig();
  cluster.apply(manifest);
  await clock.advance(10_000);
  const version = cluster.store.resourceVersion;
  cluster.apply(manifest);
  assert.equal(cluster.store.resourceVersion, version);
  cluster.stop();
});

test("undo goes back to the template before, for each kind of workload", async () => {
  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"] as const) {
    const r = rig();
    r.cluster.apply(providerClass());
    r.cluster.apply(workload({ kind }));
    await r.clock.advance(20_000);
    const image = () =>
      textAt(listAt(r.cluster.store.get(kind, "default", "web"), "spec", "template", "spec", "containers")[0], "image");
    const change = JSON.stringify(workload({ kind })).replace('"image":"app"', '"image":"app:2"');
    r.cluster.apply(JSON.parse(change));
    await r.clock.advance(30_000);
    assert.equal(image(), "app:2");
    r.cluster.rolloutUndo(kind, "default", "web");
    await r.clock.advance(30_000);
    assert.equal(image(), "app");
    assert.equal(livePods(r).length, 2);
    r.cluster.stop();
  }
});

test("A deleted namespace is emptied and then gone", async () => {
  const { cluster, clock } = rig();
  cluster.apply(manifest);
  await clock.advance(10_000);
  cluster.delete("Namespace", "", "team");
  assert.throws(
    () => cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "x", namespace: "team" } }),
    /terminated/,
  );
  await clock.advance(10_000);
  assert.equal(cluster.store.find("Namespace", "", "team"), undefined);
  assert.equal(cluster.store.list("Pod", "team").items.length, 0);
  cluster.stop();
});
