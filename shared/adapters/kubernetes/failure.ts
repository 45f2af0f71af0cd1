/**
 * Errors of the Kubernetes client and of undici in our words. Their messages hold body and headers of the answer, so
 * nothing of them goes on: the sentence is made of the call's own names and the status.
 */

import { ApiException } from "@kubernetes/client-node";
import { problemKind } from "../../core/kubernetes/api-status.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";

/** One call, as RBAC names it. */
export interface CallName {
  readonly verb: "get" | "list" | "watch" | "patch" | "create";
  /** `secrets`, `deployments.apps`. */
  readonly resource: string;
  /** Absent for all namespaces and for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export interface Failure {
  readonly problem: RemoteProblem;
  /** The same request again, soon, may well succeed. */
  readonly retryable: boolean;
  /** How long the API server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** `patch secrets/app in shop`: how a person writes the rule that allows it. */
export function ruleOf({ verb, resource, namespace, name }: CallName): string {
  const object = name === undefined ? resource : `${resource}/${name}`;
  if (namespace !== undefined) return `${verb} ${object} in ${namespace}`;
  if (verb === "create") return `${verb} ${object}`;
  return name === undefined ? `${verb} ${object} in all namespaces` : `${verb} ${object}`;
}

/** What an error that a call threw means. `now` is for a Retry-After that is a date. */
export function failureOf(error: unknown, call: CallName, now: number): Failure {
  if (error instanceof RemoteProblem) {
    return { problem: error, retryable: error.passing && error.status === undefined, retryAfterMs: undefined };
  }
  if (error instanceof ApiException) {
    const headers: unknown = error.headers;
    return answered(error.code, messageOf(error.body), headerOf(headers, "retry-after"), call, now);
  }
  return unanswered(error, call);
}

/** An answer with an error status. `message` is only looked at, never kept. */
export function answered(
  status: number,
  message: string,
  retryAfter: string | undefined,
  call: CallName,
  now: number,
): Failure {
  const kind = problemKind(status, message);
  const text =
    kind === "forbidden"
      ? `The API server does not allow: ${ruleOf(call)}.`
      : `Could not ${ruleOf(call)}: the API server answered ${status}${kind === "rejected" ? " (rejected)" : ""}.`;
  return {
    problem: new RemoteProblem(kind, text, status),
    retryable: [429, 500, 502, 503, 504].includes(status),
    retryAfterMs: waitOf(retryAfter, now),
  };
}

function unanswered(error: unknown, call: CallName): Failure {
  const codes = chain(error).flatMap((one) => [one.name, ...("code" in one ? [one.code] : [])]);
  const late = codes.some((code) => typeof code === "string" && /Timeout|_TIMEOUT|TIMEDOUT/.test(code));
  // Error codes are constants (ECONNREFUSED, CERT_HAS_EXPIRED): they name the trouble and hold nothing of the answer.
  const code = codes.find((one) => typeof one === "string" && /^[A-Z][A-Z0-9_]{3,60}$/.test(one));
  const problem = late
    ? new RemoteProblem("timeout", `Could not ${ruleOf(call)}: the API server did not answer in time.`)
    : new RemoteProblem(
        "unavailable",
        `Could not ${ruleOf(call)}: the API server gave no answer that can be read${
          typeof code === "string" ? ` (${code})` : ""
        }.`,
      );
  return { problem, retryable: true, retryAfterMs: undefined };
}

/** The error and its causes; fetch hides what happened in the cause. */
function chain(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let at = error; at instanceof Error && found.length < 5; at = at.cause) found.push(at);
  return found;
}

/** The `message` of a Status body, which the client gives as text or parsed. */
function messageOf(body: unknown): string {
  if (typeof body === "string") return body;
  const message = typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
  return typeof message === "string" ? message : "";
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const value = new Map<string, unknown>(Object.entries(headers)).get(name);
  return typeof value === "string" ? value : undefined;
}

function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
