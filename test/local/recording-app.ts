/** A tiny Functions app for the stand-in's own tests: it logs what it was called with, and does what the message says. */

import { app, type HttpRequest, type InvocationContext } from "@azure/functions";

const connection = "AzureWebJobsStorage";

app.storageQueue("work", { queueName: "%WORK_QUEUE%", connection, handler: obey });
app.storageQueue("workPoison", { queueName: "%WORK_QUEUE%-poison", connection, handler: obey });
app.eventGrid("event", { handler: obey });
app.timer("tick", { schedule: "0 0 0 1 1 *", handler: obey });
app.http("web", { route: "echo", methods: ["GET", "POST"], handler: echo });

async function obey(body: unknown, context: InvocationContext): Promise<void> {
  context.log(JSON.stringify({ body, dequeueCount: context.triggerMetadata?.["dequeueCount"] }));
  switch (orderOf(body)) {
    case "fail":
      throw new Error("told to fail");
    case "hang":
      return new Promise(() => undefined);
    default:
  }
}

function orderOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "order" in body ? body.order : undefined;
}

async function echo(request: HttpRequest) {
  if (request.query.get("order") === "fail") throw new Error("told to fail");
  const principal = request.headers.get("x-ms-client-principal");
  const seen = {
    method: request.method,
    query: Object.fromEntries(request.query),
    principal,
    body: await request.text(),
  };
  return { status: 202, headers: { "x-seen": "yes" }, jsonBody: seen };
}
