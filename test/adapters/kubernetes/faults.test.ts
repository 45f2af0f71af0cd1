import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Fault } from "../../../local/cluster/http-faults.ts";
import { fixedToken } from "../../../shared/adapters/kubernetes/token.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { put, secretObject, workloadObject } from "../../contract/cluster-objects.ts";
import { failing, subject } from "./subject.ts";

const sentinel = "hunter2-c2VjcmV0";
const orange = new Map([["color", SecretValue.fromText("orange")]]);

/** A Status as the API server's text would be, with something in it that must not get out. */
function status(code: number, message = `${sentinel} was here`): Fault {
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", message, code });
  return { kind: "status", status: code, body };
}

const webhook = `admission webhook "${sentinel}.example.com" denied the request`;
const policy = `secrets "app" is forbidden: ValidatingAdmissionPolicy '${sentinel}' with binding 'b' denied request`;
const quota = `secrets "app" is forbidden: exceeded quota: ${sentinel}`;
const rbac = `secrets "app" is forbidden: User "${sentinel}" cannot patch resource "secrets" in API group ""`;

const answers = [
  { name: "400", fault: status(400), kind: "rejected", tries: 1 },
  { name: "401", fault: status(401), kind: "unauthorized", tries: 2 },
  { name: "403 of RBAC", fault: status(403, rbac), kind: "forbidden", tries: 1 },
  { name: "403 of a webhook", fault: status(403, webhook), kind: "rejected", tries: 1 },
  { name: "403 of an admission policy", fault: status(403, policy), kind: "rejected", tries: 1 },
  { name: "403 of a quota", fault: status(403, quota), kind: "rejected", tries: 1 },
  { name: "404", fault: status(404), kind: "not-found", tries: 1 },
  { name: "409", fault: status(409), kind: "conflict", tries: 1 },
  { name: "413", fault: status(413), kind: "rejected", tries: 1 },
  { name: "422", fault: status(422), kind: "rejected", tries: 1 },
  { name: "429", fault: status(429), kind: "throttled", tries: 3 },
  { name: "500", fault: status(500), kind: "unavailable", tries: 3 },
  {
    name: "502 with HTML",
    fault: { kind: "status", status: 502, body: `<h1>${sentinel}</h1>` },
    kind: "unavailable",
    tries: 3,
  },
  { name: "503", fault: status(503), kind: "unavailable", tries: 3 },
  { name: "504", fault: status(504), kind: "unavailable", tries: 3 },
  {
    name: "200 with half a body",
    fault: { kind: "status", status: 200, body: `{"x":"${sentinel}` },
    kind: "unavailable",
    tries: 3,
  },
  { name: "a reset", fault: { kind: "reset" }, kind: "unavailable", tries: 3 },
] as const;

for (const { name, fault, kind, tries } of answers) {
  test(`An API server that answers ${name} makes every call end as ${kind} after ${tries} tries, and tells nothing`, async (t) => {
    const token = fixedToken(`token-${sentinel}`);
    const { cluster, front } = await subject(t, { token }, { faults: failing(fault) });
    const calls = {
      "patch Secret": () => cluster.writeSecret("shop", "app", orange, "1"),
      "patch Deployment": () => cluster.restart("shop", { kind: "Deployment", name: "web" }, "m", "1"),
      "list Pod": () => cluster.pods("shop"),
      "get Secret": () => cluster.secret("shop", "app"),
    };
    for (const [counted, call] of Object.entries(calls)) {
      if (counted === "get Secret" && kind === "not-found") continue;
      const problem = await problemOf(call());
      assert.equal(problem.kind, kind, counted);
      assert.equal(front.requests.get(counted), tries, counted);
      assert.match(problem.message, /shop/);
    }
  });
}

test("A call that hangs ends by its time-out, and other calls go on meanwhile", async (t) => {
  const faults = failing({ kind: "hang" }, 9, ({ route }) => route.kind.kind === "Secret");
  const limits = { tries: 2, totalMs: 500, tryMs: 60, firstWaitMs: 1 };
  const { cluster, front, store } = await subject(t, { limits }, { faults });
  put(store, "Deployment", workloadObject("shop", "web"));
  const hanging = problemOf(cluster.secret("shop", "app"));
  assert.equal((await cluster.workloads("shop")).length, 1);
  const problem = await hanging;
  assert.equal(problem.kind, "timeout");
  assert.equal(problem.passing, true);
  assert.equal(front.requests.get("get Secret"), 2);
});

test("A server that nobody listens on is unavailable, with the system's own word for it", async (t) => {
  const { cluster, front } = await subject(t);
  await front.close();
  const problem = await problemOf(cluster.pods("shop"));
  assert.equal(problem.kind, "unavailable");
  assert.match(problem.message, /ECONNREFUSED/);
});

const passing: readonly Fault[] = [status(429), status(500), status(503), { kind: "reset" }];

for (const fault of passing) {
  test(`A trouble that passes (${fault.kind} ${fault.kind === "status" ? fault.status : ""}) is not seen outside`, async (t) => {
    const { cluster, store } = await subject(t, {}, { faults: failing(fault, 2) });
    const secret = put(store, "Secret", secretObject("shop", "app", { color: "blue" }));
    const metadata = secret["metadata"];
    assert.ok(typeof metadata === "object");
    const written = await cluster.writeSecret("shop", "app", orange, store.resourceVersion);
    assert.ok(written.data.get("color")?.equals(SecretValue.fromText("orange")));
  });
}

test("A patch whose answer is lost is repeated, and the lock turns the repetition into a conflict", async (t) => {
  const { cluster, store, front } = await subject(t, {}, { faults: failing({ kind: "lost" }, 1) });
  put(store, "Secret", secretObject("shop", "app", { color: "blue" }));
  const problem = await problemOf(cluster.writeSecret("shop", "app", orange, store.resourceVersion));
  assert.equal(problem.kind, "conflict");
  assert.equal(front.requests.get("patch Secret"), 2);
  const now = await cluster.secret("shop", "app");
  assert.ok(now?.data.get("color")?.equals(SecretValue.fromText("orange")));
});

test("A short Retry-After is waited for, a long one is not", async (t) => {
  const short = await subject(t, {}, { faults: failing({ kind: "status", status: 429, retryAfter: "0" }, 2) });
  assert.deepEqual(await short.cluster.pods("shop"), []);
  const long = await subject(t, {}, { faults: failing({ kind: "status", status: 429, retryAfter: "3600" }) });
  assert.equal((await problemOf(long.cluster.pods("shop"))).kind, "throttled");
  assert.equal(long.front.requests.get("list Pod"), 1);
});

test("A missing permission is named as the rule that grants it", async (t) => {
  const { cluster } = await subject(t, {}, { faults: failing(status(403, rbac)) });
  const rules = await Promise.all(
    [
      cluster.writeSecret("shop", "app", orange, "1"),
      cluster.restart("shop", { kind: "StatefulSet", name: "db" }, "m", "1"),
      cluster.touchPodStatus("shop", "pod", 0),
      cluster.podStatuses("shop"),
      cluster.index(),
    ].map(async (call) => (await problemOf(call)).message.replace(/^.*allow: /, "")),
  );
  assert.deepEqual(rules, [
    "patch secrets/app in shop.",
    "patch statefulsets.apps/db in shop.",
    "patch secretproviderclasspodstatuses.secrets-store.csi.x-k8s.io/pod in shop.",
    "list secretproviderclasspodstatuses.secrets-store.csi.x-k8s.io in shop.",
    "list secretproviderclasses.secrets-store.csi.x-k8s.io in all namespaces.",
  ]);
});

async function problemOf(call: Promise<unknown>): Promise<RemoteProblem> {
  const error: unknown = await call.then(
    () => new Error("The call succeeded."),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RemoteProblem, inspect(error));
  const everything = `${error.message} ${error.stack ?? ""} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
  assert.ok(!everything.includes(sentinel), everything);
  assert.equal(error.cause, undefined);
  return error;
}
