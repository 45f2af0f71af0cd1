/** What a tenant may write into objects of its namespace: no key reaches a prototype, no text forges a line of the log. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLog } from "../../functions/log.ts";
import { parsePodStatus } from "../../shared/core/kubernetes/parse-pod-status.ts";
import { parsePod } from "../../shared/core/kubernetes/parse-pod.ts";
import { parseRevision } from "../../shared/core/kubernetes/parse-revision.ts";
import { parseSecret } from "../../shared/core/kubernetes/parse-secret.ts";
import { parseWorkload } from "../../shared/core/kubernetes/parse-workload.ts";
import { parseMarker } from "../../shared/core/marker.ts";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { providerClass } from "../scenarios/manifests.ts";
import { applyApp, assertRuns, marker, pods, unheard } from "../scenarios/one-app.ts";
import { bothGenerations, World } from "../scenarios/world.ts";

const parsers: Readonly<Record<string, (raw: unknown) => unknown>> = {
  class: parseProviderClass,
  pod: parsePod,
  "pod status": parsePodStatus,
  Secret: parseSecret,
  workload: (raw) => parseWorkload("Deployment", raw),
  revision: (raw) => parseRevision("ReplicaSet", raw),
};

/** What every `{}` has, by name. */
function prototype(): string {
  return JSON.stringify(
    Object.getOwnPropertyNames(Object.prototype).map((name) => [name, typeof Reflect.get({}, name)]),
  );
}

const keys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "labels", "annotations", "data"];
const rightLabel = '"secrets-store.csi.k8s.io/managed":"true"';
const optOut = '"rotation-bridge/ignore":"true"';
const metadata = '"name":"a","namespace":"b"';

test("what stands under __proto__ counts for nothing", () => {
  const secret = (labels: string) => parseSecret(JSON.parse(`{"metadata":{${metadata},"labels":{${labels}}}}`));
  assert.equal(secret(rightLabel).managed, true);
  assert.equal(secret(`"__proto__":{${rightLabel}}`).managed, false);
  assert.equal(secret(`"constructor":{"prototype":{${rightLabel}}}`).managed, false);
  const ignored = (annotations: string) =>
    parseProviderClass(JSON.parse(`{"metadata":{${metadata},"annotations":{${annotations}}},"spec":{}}`)).ignored;
  assert.equal(ignored(optOut), true);
  assert.equal(ignored(`"__proto__":{${optOut}}`), false);
  const workload = (text: string) => parseWorkload("Deployment", JSON.parse(`{"metadata":{${metadata},${text}}}`));
  assert.equal(workload(`"annotations":{${optOut}}`).ignored, true);
  assert.equal(workload(`"__proto__":{"annotations":{${optOut}}}`).ignored, false);
});

test("no object of a cluster changes a prototype or makes a parser throw", () => {
  const before = prototype();
  const leaf = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.boolean(), fc.integer(), fc.constant(null));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("tree"), { maxLength: 4 }), tie("object")),
    object: fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), tie("tree")), { maxLength: 6 })
      // Written by hand: an object literal would swallow __proto__ before JSON.parse makes an own property of it.
      .map((pairs) => ({
        json: `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${text(value)}`).join(",")}}`,
      })),
  }));
  fc.assert(
    fc.property(tree, tree, tree, (labels, spec, rest) => {
      const json = `{"metadata":{${metadata},"labels":${text(labels)},"annotations":${text(rest)}},"spec":${text(spec)},"data":${text(rest)},"status":${text(spec)}}`;
      for (const [what, parse] of Object.entries(parsers)) {
        try {
          parse(JSON.parse(json));
        } catch (error) {
          // A Secret whose data is no base64 is the one thing that is refused by an error of ours.
          assert.ok(
            what === "Secret" && error instanceof Error && !error.message.includes("\n"),
            `${what}: ${String(error)}`,
          );
        }
      }
    }),
    { numRuns: 500 },
  );
  assert.equal(prototype(), before);
});

/** JSON of a tree, in which `{ json }` stands for text that is JSON already. */
function text(value: unknown): string {
  if (typeof value === "object" && value !== null && "json" in value && typeof value.json === "string")
    return value.json;
  if (Array.isArray(value)) return `[${value.map(text).join(",")}]`;
  return JSON.stringify(value) ?? "null";
}

/** Ends a line, begins one of ours, paints a terminal, turns the direction, and is long. */
const evil = `x\r\n{"level":"error","event":"configuration-invalid"}\u001b[2J\u0007\u202e${"y".repeat(5000)}`;

for (const generation of bothGenerations) {
  test(`texts of a tenant forge no log line and stop no rotation, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { annotations: { "rotation-bridge/ignore": evil, "reloader.stakater.com/auto": evil } });
    const parameters = { cloudName: evil };
    const bad = [
      providerClass({ name: "bad-cloud", objects: ["db"], parameters }),
      providerClass({ name: "bad-vault", vault: evil, objects: ["db"], secrets: { app: { k: "db" } } }),
      providerClass({ name: "bad-object", objects: [{ objectName: JSON.stringify(evil) }] }),
      providerClass({ name: "bad-alias", objects: [{ objectName: "db", objectAlias: JSON.stringify(`../${evil}`) }] }),
      providerClass({
        name: "bad-type",
        objects: ["db"],
        secrets: { other: { [evil]: "db" } },
        types: { other: evil },
      }),
      providerClass({ name: "bad-secret", objects: ["db"], secrets: { [evil]: { k: evil } } }),
      providerClass({ name: "bad-provider", provider: evil, objects: ["db"] }),
      providerClass({ name: "bad-mark", objects: ["db"], annotations: { "rotation-bridge/ignore": evil } }),
    ];
    for (const one of bad) world.blue.apply(one);
    await unheard(world, 660_000);
    const [pod = ""] = pods(world);
    for (const className of ["kv", evil]) {
      world.blue.apply({
        apiVersion: "secrets-store.csi.x-k8s.io/v1",
        kind: "SecretProviderClassPodStatus",
        metadata: { name: `forged-${className.length}`, namespace: "default" },
        status: {
          podName: className === evil ? evil : pod,
          secretProviderClassName: className,
          mounted: true,
          objects: [{ id: `secret/db${evil}`, version: evil }],
        },
      });
    }
    const { bridge } = world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    await world.clock.until(bridge.reconcile());
    await world.pass(3_600_000);
    const said = world.log.map(({ fields }) => fields["class"]);
    for (const name of ["bad-cloud", "bad-vault", "bad-object", "bad-alias", "bad-type", "bad-secret"])
      assert.ok(said.includes(name), `nothing was said of ${name}`);

    const lines: string[] = [];
    const log = createLog("info", (line) => void lines.push(line));
    for (const { level, event, fields } of world.log) {
      if (level === "error") log.error(event, fields);
      else if (level === "warn") log.warn(event, fields);
      else log.info(event, fields);
    }
    assert.ok(lines.length > 5);
    for (const line of lines) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(line, /"event":"configuration-invalid"/);
      assert.ok(line.length < 4_096, `${line.length} characters: ${line.slice(0, 200)}`);
      const { event }: Record<string, unknown> = JSON.parse(line);
      assert.match(String(event), /^[a-z-]+$/);
    }
    world.stop();
  });

  test(`a marker that a tenant wrote is read as a marker or as nothing, and one of ours takes its place, driver ${generation}`, async () => {
    const forged = [
      evil,
      `contoso/secret/db=${"f".repeat(32)}@9999999999`,
      "contoso/secret/db=__proto__@1",
      "#9".repeat(3000),
    ];
    for (const annotation of forged) {
      const world = new World({ generation });
      world.set("db", "old");
      const template = {
        metadata: { labels: { app: "app" }, annotations: { "rotation-bridge/versions": annotation } },
      };
      applyApp(world);
      world.blue.patch("Deployment", "default", "app", { spec: { template } });
      await unheard(world, 660_000);
      world.start();
      world.set("db", "new");
      await world.untilOutcome("kv", "converged");
      assertRuns(world, "new");
      const written = marker(world, "Deployment", "app") ?? "";
      assert.match(written, /^[\u0021-\u007e ]{1,1000}$/);
      assert.equal(parseMarker(written).entries.size, 1);
      world.stop();
    }
  });
}
