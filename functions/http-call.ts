/** One HTTP request: let in, parsed, given to the app, answered. Every refusal is logged, every order with who gave it. */

import type { HttpResponseInit } from "@azure/functions";
import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { type App, ConfigurationProblem, type Deps } from "./deps.ts";
import { reported } from "./handle.ts";
import type { HttpCall, HttpOn, HttpRoute } from "./http.ts";
import { answer } from "./http-answer.ts";
import { enter } from "./http-door.ts";
import { expected, planQuery, rotateBody, statusQuery } from "./http-requests.ts";
import { type LogTarget, withInvocation } from "./log.ts";

export function serve(
  deps: Deps,
  settings: HttpOn,
  route: HttpRoute,
  request: HttpCall,
  context: LogTarget,
): Promise<HttpResponseInit> {
  return withInvocation(context, async () => {
    try {
      const entered = await enter(settings, route, request);
      if (!entered.ok) {
        const { status, error, caller } = entered;
        deps.log.warn("http-refused", { route: route.route, why: error, caller });
        return answer(status, { error });
      }
      return await oneOfFew(route, async () => {
        const { status, body, about } = await work[route.route](await deps.app(), entered.input);
        if (about !== undefined) deps.log.info("http-order", { route: route.route, caller: entered.caller, about });
        return answer(status, body);
      });
    } catch (error) {
      reported(deps.log, error);
      return failure(error);
    }
  });
}

interface Done {
  readonly status: number;
  readonly body: object;
  /** What was put on the queue. */
  readonly about?: readonly string[];
}

type Work = (app: App, input: unknown) => Promise<Done>;

const work: Readonly<Record<HttpRoute["route"], Work>> = {
  plan: async ({ http }, input) => {
    const query = planQuery.safeParse(input);
    if (!query.success) return badRequest("plan");
    const report = await http.plan(query.data);
    return report === undefined ? notFound("unknown-vault") : { status: 200, body: report };
  },
  status: async ({ http }, input) => {
    const query = statusQuery.safeParse(input);
    if (!query.success) return badRequest("status");
    const report = await http.status(query.data);
    return report === undefined ? notFound("not-mapped") : { status: 200, body: report };
  },
  rotate: async ({ http }, input) => {
    const body = rotateBody.safeParse(input);
    if (!body.success) return badRequest("rotate");
    const queued = await http.rotate(body.data);
    return "refused" in queued ? notFound(queued.refused) : accepted(queued.about);
  },
  replay: async ({ http }, input) => {
    const { about, ignored } = await http.replay(input);
    return about.length === 0 ? badRequest("replay", { ignored }) : accepted(about, { ignored });
  },
};

function accepted(about: readonly string[], more: object = {}): Done {
  return { status: 202, body: { queued: about.length, ...more }, about };
}

function badRequest(route: HttpRoute["route"], more: object = {}): Done {
  return { status: 400, body: { error: "bad-request", expected: expected[route], ...more } };
}

function notFound(error: string): Done {
  return { status: 404, body: { error } };
}

/** Reports read whole clusters. Whoever asks for many at once must not take the memory that rotations need. */
const mostReportsAtOnce = 2;
let reportsRunning = 0;

async function oneOfFew(route: HttpRoute, run: () => Promise<HttpResponseInit>): Promise<HttpResponseInit> {
  if (route.power !== "read") return run();
  if (reportsRunning >= mostReportsAtOnce) return answer(429, { error: "busy" }, { "retry-after": "10" });
  reportsRunning += 1;
  try {
    return await run();
  } finally {
    reportsRunning -= 1;
  }
}

/** The reason is in the log; the caller gets a word. */
function failure(error: unknown): HttpResponseInit {
  if (error instanceof ConfigurationProblem) return answer(503, { error: "configuration-invalid" });
  if (error instanceof RemoteProblem) return answer(503, { error: "unavailable" }, { "retry-after": "10" });
  return answer(500, { error: "unexpected" });
}
