/** What the SDK throws, told by what was seen of the response; nothing else of it is kept. */

import { isRestError } from "@azure/keyvault-secrets";
import { z } from "zod";
import { type Refusal, refusalOf, unanswered } from "./refusal.ts";

/** The part of a response that a refusal is told by. */
export interface ResponseSeen {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null;
}

/** Key Vault's error body: https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses */
const errorBody = z.object({
  error: z.object({
    code: z.string().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
    innererror: z.object({ code: z.string().optional() }).optional().catch(undefined),
  }),
});

/** `seen`: the last response of the call, if there was one. `now` is for a Retry-After that is a date. */
export function refusalFrom(problem: unknown, seen: ResponseSeen | undefined, now: number): Refusal {
  if (seen !== undefined && seen.status >= 400) {
    const { error } = errorBody.safeParse(jsonOf(seen.bodyAsText)).data ?? {};
    return refusalOf({
      status: seen.status,
      code: error?.code,
      innerCode: error?.innererror?.code,
      message: error?.message,
      retryAfter: seen.headers.get("retry-after"),
      now,
    });
  }
  // A later page of a list (the SDK tells us nothing of its response), or no answer at all.
  if (isRestError(problem) && problem.statusCode !== undefined && problem.statusCode >= 400) {
    return refusalOf({
      status: problem.statusCode,
      code: problem.code,
      innerCode: undefined,
      message: undefined,
      retryAfter: problem.response?.headers.get("retry-after"),
      now,
    });
  }
  if (isRestError(problem)) return unanswered("Connection");
  return authenticationRefusal(problem);
}

/**
 * What is not an answer and not a broken connection comes from getting a token: an identity endpoint that refuses
 * (a person is needed) or is out of reach, or a challenge that is not for this host.
 */
function authenticationRefusal(problem: unknown): Refusal {
  if (!(problem instanceof Error)) return unanswered("Unknown");
  const status = "statusCode" in problem && typeof problem.statusCode === "number" ? problem.statusCode : undefined;
  if (problem.name === "AbortError") return unanswered("Timeout");
  if (problem.name === "AuthenticationError" && status !== undefined && status < 500 && status !== 429) {
    return { problem: "forbidden", status, code: "Credential", retryAfterMs: undefined };
  }
  if (problem.name === "AuthenticationRequiredError" || /\bchallenge\b|must use HTTPS/i.test(problem.message)) {
    return { problem: "forbidden", status, code: "Credential", retryAfterMs: undefined };
  }
  return unanswered("Credential");
}

function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
