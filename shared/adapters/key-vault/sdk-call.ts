/** One call of an Azure SDK: it ends within its time, and nothing of an error is kept but status and code. */

import type { Clock } from "../../ports.ts";
import { type Refusal, unanswered } from "./refusal.ts";
import { refusalFrom, type ResponseSeen } from "./sdk-refusal.ts";
import type { Reply } from "./vault-api.ts";

export interface ClientOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** What every operation of the three SDKs takes. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: ResponseSeen) => void;
}

/** The reply comes within `timeoutMs`, whatever hangs: vault, connection or the credential. `undefined` is no answer. */
export async function sdkCall<T>(
  { clock, timeoutMs }: ClientOptions,
  request: (options: CallOptions) => Promise<T | undefined>,
): Promise<Reply<T>> {
  const seen: ResponseSeen[] = [];
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => {
      resolve(late);
      limit.abort();
    }, timeoutMs);
  });
  const answered = request({
    abortSignal: limit.signal,
    onResponse: (response) => seen.push(response),
  }).then(
    (value) => (value === undefined ? refused(unanswered("Unreadable")) : { ok: true as const, value }),
    (problem: unknown) => refused(refusalFrom(problem, seen.at(-1), clock.now())),
  );
  try {
    const first = await Promise.race([answered, timedOut]);
    return first === late ? refused(unanswered("Timeout")) : first;
  } finally {
    clearTimeout(timer);
  }
}

/** Is this the version that was asked for? Undefined asks for whatever is current. */
export function isAsked(version: string, asked: string | undefined): boolean {
  return asked === undefined || asked.toLowerCase() === version.toLowerCase();
}

const late = Symbol("late");

function refused(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
