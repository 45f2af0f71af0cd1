import assert from "node:assert/strict";
import { test } from "node:test";
import { areOfPresentData, reloaderTraces } from "../../../shared/core/kubernetes/reloader-traces.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { syncedSecret } from "../plan/builders.ts";

/** `printf 'k=v' | sha1sum`, and `openssl dgst -sha512-256`, which Reloader uses since. */
const sha1 = "b68eb7a45f9800a87b60f6ab40080bb3f3a5112d";
const sha512 = "f01991c9cc82ed9d7267956bebb22f3dfdd4fb951d7495574f3e1f3623f0acce";
const secret = syncedSecret("app-1.tls", { k: "v" });

const envOf = (name: string, value: string) => ({ spec: { containers: [{ env: [{ name, value }] }] } });
const annotated = (source: unknown) => ({
  metadata: {
    annotations: {
      "reloader.stakater.com/last-reloaded-from": typeof source === "string" ? source : JSON.stringify(source),
    },
  },
});
const source = { type: "SECRET", name: "app-1.tls", namespace: "shop", hash: sha1, containerRefs: ["app"] };

const cases: readonly { readonly says: string; readonly pod: unknown; readonly is: boolean }[] = [
  { says: "the variable of this Secret", pod: envOf("STAKATER_APP_1_TLS_SECRET", sha1), is: true },
  { says: "the hash of newer versions", pod: envOf("STAKATER_APP_1_TLS_SECRET", sha512), is: true },
  {
    says: "the variable of an init container",
    pod: { spec: { initContainers: [{ env: [{ name: "STAKATER_APP_1_TLS_SECRET", value: sha1 }] }] } },
    is: true,
  },
  { says: "other data", pod: envOf("STAKATER_APP_1_TLS_SECRET", sha1.replace("b", "c")), is: false },
  { says: "a value that is no hash", pod: envOf("STAKATER_APP_1_TLS_SECRET", ""), is: false },
  { says: "another Secret", pod: envOf("STAKATER_APP_2_TLS_SECRET", sha1), is: false },
  { says: "a ConfigMap of this name", pod: envOf("STAKATER_APP_1_TLS_CONFIGMAP", sha1), is: false },
  { says: "the annotation", pod: annotated(source), is: true },
  { says: "the annotation, of another Secret", pod: annotated({ ...source, name: "other" }), is: false },
  { says: "the annotation, of a ConfigMap of this name", pod: annotated({ ...source, type: "CONFIGMAP" }), is: false },
  { says: "the annotation, of other data", pod: annotated({ ...source, hash: "x" }), is: false },
  { says: "an annotation that is no JSON", pod: annotated("{"), is: false },
  { says: "no trace", pod: {}, is: false },
];

for (const { says, pod, is } of cases) {
  test(`a trace of what the Secret holds now: ${says}: ${String(is)}`, () => {
    assert.equal(areOfPresentData(reloaderTraces(pod), secret), is);
  });
}

test("pairs are hashed as raw bytes, in the order of their bytes and not of their keys", () => {
  // printf 'a=1;b.c=2;b=\xff' | sha1sum
  const data = new Map([
    ["b", SecretValue.fromBytes(new Uint8Array([255]))],
    ["b.c", SecretValue.fromText("2")],
    ["a", SecretValue.fromText("1")],
  ]);
  const traces = new Map([["STAKATER_APP_SECRET", "83b7ee285a6311345d8b95772ed3d09db9b8ef95"]]);
  assert.ok(areOfPresentData(traces, syncedSecret("app", {}, { data })));
});
