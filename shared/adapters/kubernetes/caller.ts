/** How every request of the adapter is made: token, time-out, one repetition after 401, bounded retries, our errors. */

import type { Clock } from "../../ports.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import { concurrencyLimit } from "../limit.ts";
import type { Connection, Wire } from "./connection.ts";
import { failureOf } from "./failure.ts";
import type { CallName } from "./failure.ts";
import { withRetries } from "./retry.ts";
import type { RetryLimits, TryResult } from "./retry.ts";
import type { TokenSource } from "./token.ts";

/** Runs `request` until it succeeds or is given up; throws a RemoteProblem and nothing else. */
export type Caller = <T>(
  call: CallName,
  request: (wire: Wire) => Promise<T>,
  limits?: Partial<RetryLimits>,
) => Promise<T>;

export interface CallerOptions {
  readonly connection: Connection;
  /** Absent: requests carry no token (a client certificate, or a stand-in that asks for none). */
  readonly token: TokenSource | undefined;
  readonly clock: Clock;
  readonly limits: RetryLimits;
  /** Tries at a time. Default 64: a fan-out over hundreds of namespaces must not be the API server's only client. */
  readonly concurrency?: number | undefined;
}

export function createCaller({ connection, token, clock, limits, concurrency }: CallerOptions): Caller {
  const limit = concurrencyLimit(concurrency ?? 64);

  async function once<T>(
    call: CallName,
    request: (wire: Wire) => Promise<T>,
    signal: AbortSignal,
    rejected?: string,
  ): Promise<TryResult<T>> {
    let bearer: string | undefined;
    try {
      bearer = await within(signal, tokenFrom(token, rejected));
      const headers = {
        "User-Agent": "rotation-bridge",
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
      };
      const wire = { headers, signal, dispatcher: connection.dispatcher };
      return { ok: true, value: await within(signal, request(wire)) };
    } catch (error) {
      const failure = failureOf(error, call, clock.now());
      const refused = failure.problem.status === 401 && bearer !== undefined && rejected === undefined;
      return refused ? once(call, request, signal, bearer) : { ok: false, failure };
    }
  }

  return (call, request, own = {}) =>
    // A try's time begins when its turn comes.
    withRetries(clock, { ...limits, ...own }, (ms) => limit(() => once(call, request, AbortSignal.timeout(ms))));
}

/** Only a RemoteProblem of the source goes on; whatever else it throws may hold anything. */
async function tokenFrom(source: TokenSource | undefined, rejected: string | undefined): Promise<string | undefined> {
  try {
    return await source?.(rejected);
  } catch (error) {
    throw error instanceof RemoteProblem
      ? error
      : new RemoteProblem("unauthorized", "No token for the cluster could be had.");
  }
}

/** The result of `work`, or the signal's reason as soon as it fires: not everything that hangs heeds a signal. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new DOMException("The time is up.", "TimeoutError"));
    if (signal.aborted) late();
    signal.addEventListener("abort", late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}
