import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QueueClient } from "@azure/storage-queue";
import * as z from "zod";
import { build } from "../../build.ts";
import { startAzurite } from "../../local/azurite.ts";
import type { Authentication } from "../../local/functions-host/app-service-authentication.ts";
import { type FunctionsHost, startFunctionsHost } from "../../local/functions-host.ts";
import { parseSchedule } from "../../local/functions-host/schedule.ts";

const azurite = await startAzurite();
const appDir = await mkdtemp(join(tmpdir(), "recording-app-"));
await build(join(appDir, "dist"), fileURLToPath(new URL("./recording-app.ts", import.meta.url)));
await writeFile(join(appDir, "package.json"), JSON.stringify({ type: "module", main: "dist/main.mjs" }));
await writeFile(
  join(appDir, "host.json"),
  JSON.stringify({
    version: "2.0",
    functionTimeout: "00:00:20",
    extensions: {
      queues: { maxPollingInterval: "00:00:00.200", visibilityTimeout: "00:00:01", maxDequeueCount: 2, batchSize: 4 },
    },
  }),
);

test.after(async () => {
  await azurite.stop();
  await rm(appDir, { recursive: true, force: true });
});

interface Call {
  readonly name: string | undefined;
  readonly body: unknown;
  readonly dequeueCount: unknown;
}

interface Running {
  readonly host: FunctionsHost;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly calls: readonly Call[];
}

/** A host of its own with queues of its own for each test, so that they run side by side on one Azurite. */
async function withHost(
  queueName: string,
  use: (running: Running) => Promise<void>,
  authentication?: Authentication,
): Promise<void> {
  const queue = new QueueClient(azurite.connectionString, queueName);
  const poison = new QueueClient(azurite.connectionString, `${queueName}-poison`);
  await queue.createIfNotExists();
  const calls: Call[] = [];
  const host = await startFunctionsHost({
    appDir,
    env: { AzureWebJobsStorage: azurite.connectionString, WORK_QUEUE: queueName },
    ...(authentication === undefined ? {} : { authentication }),
    onLog: (line) => {
      if (line.category === "user") calls.push({ name: line.functionName, ...JSON.parse(line.message) });
    },
  });
  try {
    await use({ host, queue, poison, calls });
  } finally {
    await host.close();
  }
}

function send(queue: QueueClient, body: unknown) {
  return queue.sendMessage(Buffer.from(JSON.stringify(body)).toString("base64"));
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 300; look += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`Never came: ${what}`);
}

async function left(queue: QueueClient): Promise<number | undefined> {
  return (await queue.getProperties()).approximateMessagesCount;
}

async function visible(queue: QueueClient): Promise<number> {
  return (await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.length;
}

test("the functions host", { concurrency: true }, async (t) => {
  t.test("registers what the bundle registers", () =>
    withHost("registers", async ({ host }) => {
      const seen = host.functions.map(({ name, trigger }) => `${name} ${trigger.type}`);
      assert.deepEqual(seen, [
        "work queueTrigger",
        "workPoison queueTrigger",
        "event eventGridTrigger",
        "tick timerTrigger",
        "web httpTrigger",
      ]);
    }),
  );

  t.test("gives a function the parsed message and deletes it when the function succeeds", () =>
    withHost("succeeds", async ({ queue, calls }) => {
      await send(queue, { order: "succeed" });
      await until("an empty queue", async () => (await left(queue)) === 0);
      assert.deepEqual(calls, [{ name: "work", body: { order: "succeed" }, dequeueCount: 1 }]);
    }),
  );

  t.test("serves an HTTP function under its route and methods", () =>
    withHost("http", async ({ host }) => {
      const url = `${host.url}/api/echo?a=1&a=2`;
      const forged = { "x-ms-client-principal": "me" };
      const answer = await fetch(url, { method: "POST", body: "Zoë", headers: forged });
      assert.deepEqual([answer.status, answer.headers.get("x-seen")], [202, "yes"]);
      // Without authentication before it, whoever calls says who it is.
      assert.deepEqual(await answer.json(), { method: "POST", query: { a: "1,2" }, principal: "me", body: "Zoë" });
      for (const [path, method] of [
        ["/api/echo", "PUT"],
        ["/api/web", "GET"],
        ["/api/", "GET"],
      ] as const)
        assert.equal((await fetch(`${host.url}${path}`, { method })).status, 404, `${method} ${path}`);
      const failed = await fetch(`${host.url}/api/echo?order=fail`);
      assert.deepEqual([failed.status, await failed.text()], [500, ""]);
    }),
  );

  t.test("hides a failed message for the visibility timeout, and moves it to the poison queue in the end", () =>
    withHost("fails", async ({ queue, calls }) => {
      await send(queue, { order: "fail" });
      await until("the first failure", () => calls.length === 1);
      assert.equal(await visible(queue), 0);
      await until("the poison function", () => calls.some(({ name }) => name === "workPoison"));
      await until("an empty queue", async () => (await left(queue)) === 0);
      assert.deepEqual(
        calls.map(({ name, dequeueCount }) => [name, dequeueCount]),
        [
          ["work", 1],
          ["work", 2],
          ["workPoison", 1],
        ],
      );
    }),
  );

  t.test("leaves a failed message of a poison queue there, invisible", () =>
    withHost("poison-fails", async ({ poison, calls }) => {
      await poison.createIfNotExists();
      await send(poison, { order: "fail" });
      await until("the failure", () => calls.length === 1);
      assert.deepEqual([await left(poison), await visible(poison)], [1, 0]);
    }),
  );

  t.test("leaves the message of a lost instance invisible", () =>
    withHost("lost", async ({ host, queue, calls }) => {
      await send(queue, { order: "hang" });
      await until("the call", () => calls.length === 1);
      await host.close();
      assert.deepEqual([await left(queue), await visible(queue)], [1, 0]);
    }),
  );

  t.test("fails what a dying worker ran, and gives it to the next worker", () =>
    withHost("worker-dies", async ({ host, queue, calls }) => {
      await send(queue, { order: "hang" });
      await until("the call", () => calls.length === 1);
      await host.killWorker();
      await until("the second call", () => calls.length === 2);
      assert.equal(calls[1]?.dequeueCount, 2);
    }),
  );

  t.test("answers the Event Grid webhook as the extension does", () =>
    withHost("webhook", async ({ host, calls }) => {
      const post = (name: string, type: string | undefined, body: unknown) =>
        fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=${name}`, {
          method: "POST",
          headers: type === undefined ? {} : { "aeg-event-type": type },
          body: JSON.stringify(body),
        });
      const status = async (...args: Parameters<typeof post>) => (await post(...args)).status;

      assert.equal(await status("event", "Notification", [{ id: "1" }, { id: "2" }]), 202);
      assert.deepEqual(new Set(calls.map(({ body }) => JSON.stringify(body))), new Set(['{"id":"1"}', '{"id":"2"}']));
      assert.equal(await status("event", "Notification", [{ id: "3" }, { order: "fail" }]), 500);
      assert.equal(await status("nobody", "Notification", [{ id: "4" }]), 404);
      assert.equal(await status("work", "Notification", [{ id: "5" }]), 404);
      assert.equal(await status("event", undefined, [{ id: "6" }]), 400);
      assert.equal(await status("event", "Other", [{ id: "7" }]), 400);
      assert.equal(await status("event", "Unsubscribe", {}), 202);
      const handshake = await post("event", "SubscriptionValidation", [{ data: { validationCode: "code" } }]);
      assert.deepEqual([handshake.status, await handshake.json()], [200, { validationResponse: "code" }]);
    }),
  );

  t.test("fires a timer on demand", () =>
    withHost("timer", async ({ host, calls }) => {
      await host.fireTimer("tick");
      assert.equal(calls[0]?.name, "tick");
    }),
  );
});

for (const required of [true, false])
  test(`with App Service authentication nobody but it says who calls (required: ${required})`, () =>
    withHost(
      `http-auth-${required}`,
      async ({ host }) => {
        const ask = async (headers: Readonly<Record<string, string>>) => {
          const answer = await fetch(`${host.url}/api/echo`, { headers });
          const body = z.object({ principal: z.string().nullable() }).safeParse(await answer.json().catch(() => null));
          return body.success ? body.data.principal : answer.status;
        };
        const forged = { "x-ms-client-principal": "me" };
        assert.equal(await ask(forged), required ? 401 : null);
        assert.equal(await ask({ ...forged, authorization: "Bearer unknown" }), required ? 401 : null);
        const principal = await ask({ ...forged, authorization: "Bearer known" });
        assert.match(Buffer.from(String(principal), "base64").toString(), /"claims":\[{"typ":"oid","val":"1"}\]/);
      },
      { required, tokens: new Map([["known", [{ typ: "oid", val: "1" }]]]) },
    ));

test("a schedule gives the next moment that fits", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["0 */15 * * * *", "2026-11-01T10:00:00Z", "2026-11-01T10:15:00Z"],
    ["0 */15 * * * *", "2026-12-31T23:50:00Z", "2027-01-01T00:00:00Z"],
    ["30 5 4 * * *", "2026-11-01T04:05:30Z", "2026-11-02T04:05:30Z"],
    ["0 0 9-17/4 * * Mon-Fri", "2026-11-06T13:00:00Z", "2026-11-06T17:00:00Z"],
    ["0 0 0 29 2 *", "2026-11-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0,30 0 0 1 jan *", "2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ];
  for (const [text, after, next] of cases) {
    assert.equal(new Date(parseSchedule(text)(Date.parse(after))).toISOString(), next.replace("Z", ".000Z"), text);
  }
  for (const wrong of ["* * * * *", "60 * * * * *", "a * * * * *", "0 0 0 32 * *"]) {
    assert.throws(() => parseSchedule(wrong), /Schedule/);
  }
});
