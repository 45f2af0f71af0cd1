import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import { Agent } from "undici";
import type { Dispatcher } from "undici";
import { readChanges } from "../../../shared/adapters/kubernetes/class-watch.ts";

/** An API server in a thread of its own, so that it goes on while this one stands still. Answers with its address. */
async function watched(t: TestContext, { headersMs, eventMs }: { headersMs: number; eventMs: number }) {
  const server = new Worker(
    `const { createServer } = require("node:http");
     const { parentPort, workerData: { headersMs, eventMs } } = require("node:worker_threads");
     const object = { metadata: { namespace: "a", name: "one", resourceVersion: "8" } };
     const server = createServer((_, answer) => setTimeout(() => {
       answer.writeHead(200, { "content-type": "application/json" });
       answer.flushHeaders();
       setTimeout(() => answer.write(JSON.stringify({ type: "ADDED", object }) + "\\n"), eventMs);
     }, headersMs));
     server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: { headersMs, eventMs } },
  );
  t.after(() => server.terminate());
  const [port] = await once(server, "message");
  return `http://127.0.0.1:${String(port)}/classes`;
}

async function changesAt(t: TestContext, url: string, dispatcher: Dispatcher = new Agent()) {
  t.after(() => dispatcher.destroy());
  const wire = { dispatcher, headers: {}, signal: AbortSignal.timeout(10_000) };
  const call = { verb: "watch", resource: "secretproviderclasses" } as const;
  const result = await readChanges(wire, { url, resourceVersion: "7", call, quietMs: 25 });
  assert.ok(result !== "expired");
  return result;
}

/** Has this process stand still as soon as an answer has begun, in the event loop's phase after that of sockets. */
function stallingAgent(ms: number): Dispatcher {
  const still = new Int32Array(new SharedArrayBuffer(4));
  return new Agent().compose((dispatch) => (options, handler) => {
    const begin = handler.onResponseStart?.bind(handler);
    handler.onResponseStart = (...answer) => {
      setImmediate(() => Atomics.wait(still, 0, 0, ms));
      begin?.(...answer);
    };
    return dispatch(options, handler);
  });
}

test("a class is found although this process stood still when its event came", async (t) => {
  const url = await watched(t, { headersMs: 0, eventMs: 15 });
  const { resourceVersion, changes } = await changesAt(t, url, stallingAgent(100));
  assert.deepEqual([resourceVersion, changes.length], ["8", 1]);
});

test("an API server that is slow to answer is given as long for its events", async (t) => {
  const { resourceVersion, changes } = await changesAt(t, await watched(t, { headersMs: 300, eventMs: 150 }));
  assert.deepEqual([resourceVersion, changes.length], ["8", 1]);
});
