import assert from "node:assert/strict";
import { createSecureServer } from "node:http2";
import { test } from "node:test";
import { realClock } from "../../../local/clock.ts";
import { selfSignedCertificate } from "../../../local/self-signed.ts";
import { createKubernetesCluster } from "../../../shared/adapters/kubernetes/cluster.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { podObject, put, secretObject } from "../../contract/cluster-objects.ts";
import { failing, subject } from "./subject.ts";

test("Calls one after the other share a few connections, many at once a bounded number", async (t) => {
  // So many at once take their time on a busy machine; none of them must be asked again for that.
  const limits = { tries: 1, totalMs: 60_000, tryMs: 60_000, firstWaitMs: 1 };
  const { cluster, store, front } = await subject(t, { limits });
  put(store, "Secret", secretObject("shop", "app", { color: "blue" }));
  for (let index = 0; index < 20; index += 1) await cluster.secret("shop", "app");
  // Now and then a call starts before the one before it has given its connection back; never does each open its own.
  assert.ok(front.sockets() <= 4, String(front.sockets()));
  const data = new Map([["color", SecretValue.fromText("blue")]]);
  const version = store.resourceVersion;
  await Promise.all(Array.from({ length: 200 }, () => cluster.writeSecret("shop", "app", data, version)));
  assert.equal(front.requests.get("patch Secret"), 200);
  assert.ok(front.sockets() <= 16, String(front.sockets()));
});

test("The token is asked for before every request", async (t) => {
  const tokens = ["first", "second", "third"];
  const { cluster } = await subject(t, { token: async () => tokens.shift() ?? "none" });
  await cluster.pods("shop");
  await cluster.pods("shop");
  assert.deepEqual(tokens, ["third"]);
});

test("A token that is refused is told to its source, and a fresh one is tried once", async (t) => {
  const asked: (string | undefined)[] = [];
  const token = async (rejected?: string) => {
    asked.push(rejected);
    return rejected === undefined ? "old" : "new";
  };
  const { cluster } = await subject(t, { token }, { token: "new" });
  assert.deepEqual(await cluster.pods("shop"), []);
  assert.deepEqual(asked, [undefined, "old"]);
});

test("A token that stays refused is unauthorized after one repetition", async (t) => {
  const { cluster, front } = await subject(t, { token: async () => "wrong" }, { token: "right" });
  await assert.rejects(cluster.pods("shop"), { name: "RemoteProblem", kind: "unauthorized", status: 401 });
  assert.equal(front.requests.get("list Pod"), 2);
});

test("Whatever a token source throws stays inside; a RemoteProblem of it goes on", async (t) => {
  const leaky = await subject(t, { token: () => Promise.reject(new Error("client_secret=hunter2")) });
  await assert.rejects(leaky.cluster.pods("shop"), (error: Error) => {
    assert.ok(error instanceof RemoteProblem && error.kind === "unauthorized");
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  let tries = 0;
  const down = await subject(t, {
    token: () => {
      tries += 1;
      return Promise.reject(new RemoteProblem("unavailable", "Entra ID is down."));
    },
  });
  await assert.rejects(down.cluster.pods("shop"), { kind: "unavailable", message: "Entra ID is down." });
  assert.equal(tries, 3);
});

test("A token source that hangs ends by the call's time-out", async (t) => {
  const limits = { tries: 1, totalMs: 200, tryMs: 50, firstWaitMs: 1 };
  const { cluster, front } = await subject(t, { limits, token: () => new Promise(() => undefined) });
  // The time-out's own timer keeps no process alive, and nothing else runs here.
  const alive = setTimeout(() => undefined, 5_000);
  await assert.rejects(cluster.pods("shop"), { kind: "timeout" });
  clearTimeout(alive);
  assert.equal(front.requests.size, 0);
});

test("Lists are read in pages; an expired continue token starts the list again", async (t) => {
  const faults = failing({ kind: "status", status: 410 }, 1, () => front !== undefined && lists() === 3);
  const { cluster, store, front } = await subject(t, { pageSize: 2 }, { faults: (request) => faults(request) });
  const lists = () => front.requests.get("list Pod") ?? 0;
  for (let index = 0; index < 7; index += 1) put(store, "Pod", podObject("shop", `pod-${index}`));
  const pods = await cluster.pods("shop");
  assert.deepEqual(
    pods.map((pod) => pod.name),
    Array.from({ length: 7 }, (_, index) => `pod-${index}`),
  );
  assert.equal(lists(), 3 + 4);
});

test("A list that always expires is given up", async (t) => {
  const { cluster, front } = await subject(t, {}, { faults: failing({ kind: "status", status: 410 }) });
  await assert.rejects(cluster.pods("shop"), { kind: "unavailable", status: 410 });
  assert.equal(front.requests.get("list Pod"), 3);
});

const addresses = [
  { server: "http://cluster.example.com", rule: /https/ },
  { server: "https://user:hunter2@cluster.example.com", rule: /user/ },
  { server: "https://cluster.example.com/?token=hunter2", rule: /query/ },
  { server: "not a url", rule: /URL/ },
];

for (const { server, rule } of addresses) {
  test(`The address ${server.replace("hunter2", "…")} is refused at once, without repeating it`, () => {
    assert.throws(
      () => createKubernetesCluster({ server, clock: realClock() }),
      (error: Error) => rule.test(error.message) && !error.message.includes("hunter2"),
    );
  });
}

test("A certificate authority that is no certificate is refused at once", () => {
  assert.throws(
    () => createKubernetesCluster({ server: "https://127.0.0.1", caData: "bm90IHBlbQ==", clock: realClock() }),
    /PEM/,
  );
});

test("Over TLS the calls share HTTP/2 connections, and only the given authority is trusted", async (t) => {
  const { key, cert } = selfSignedCertificate();
  const bookmark = `${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "2" } } })}\n`;
  const requests: string[] = [];
  let sessions = 0;
  const server = createSecureServer({ key, cert }, (request, response) => {
    requests.push(`${request.httpVersion} ${request.headers.authorization}`);
    response.writeHead(200, { "content-type": "application/json" });
    if (request.url.includes("watch=true")) response.write(bookmark);
    else
      response.end(
        JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] }),
      );
  });
  server.on("session", () => {
    sessions += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const token = async () => "t";
  const options = { server: url, token, clock: realClock(), limits: { tries: 1 } };
  const trusting = createKubernetesCluster({ ...options, caData: Buffer.from(cert).toString("base64") });
  const other = createKubernetesCluster({ ...options, caData: selfSignedCertificate().cert });
  t.after(async () => {
    await Promise.all([trusting.close(), other.close()]);
    server.close();
  });
  for (let index = 0; index < 5; index += 1) await trusting.pods("shop");
  // A watch that is left does not cost the connection.
  for (let index = 0; index < 5; index += 1) await trusting.index();
  assert.ok(sessions <= 2, String(sessions));
  await Promise.all(Array.from({ length: 100 }, () => trusting.pods("shop")));
  assert.deepEqual([...new Set(requests)], ["2.0 Bearer t"]);
  assert.equal(requests.length, 110);
  assert.ok(sessions <= 16, String(sessions));
  await assert.rejects(other.pods("shop"), { kind: "unavailable", message: /SELF_SIGNED|UNABLE_TO|SIGNATURE/ });
  assert.equal(requests.length, 110);
});
