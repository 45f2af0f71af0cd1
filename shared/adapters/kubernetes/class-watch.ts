/**
 * What happened to the classes since a resourceVersion: a watch that ends as soon as the API server has nothing more
 * to tell. Only the client's typed calls cannot read a stream, so this one request goes to undici itself.
 */

import { request } from "undici";
import { field, text } from "../../core/kubernetes/read.ts";
import { answered } from "./failure.ts";
import type { CallName } from "./failure.ts";
import type { Wire } from "./connection.ts";

export interface ClassChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: unknown;
}

export interface ClassChanges {
  readonly changes: readonly ClassChange[];
  /** Where the next watch goes on. */
  readonly resourceVersion: string;
}

/** `expired`: the server has forgotten that version (410); only a list helps. */
export type WatchResult = ClassChanges | "expired";

export interface WatchRequest {
  /** The list's URL, without a query. */
  readonly url: string;
  readonly resourceVersion: string;
  readonly call: CallName;
  /**
   * The server sends what it knows at once; this long without a word means that it was all. Milliseconds. A server that
   * took longer to answer is given as long again, two seconds at most.
   */
  readonly quietMs: number;
}

const longestQuietMs = 2_000;

/** Throws a RemoteProblem for an error status, and undici's error for a broken connection. */
export async function readChanges(
  wire: Wire,
  { url, resourceVersion, call, quietMs }: WatchRequest,
): Promise<WatchResult> {
  const query = new URLSearchParams({
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion,
    timeoutSeconds: "5",
  });
  const enough = new AbortController();
  const signal = AbortSignal.any([wire.signal, enough.signal]);
  const asked = performance.now();
  const answer = await request(`${url}?${query.toString()}`, {
    dispatcher: wire.dispatcher,
    headers: wire.headers,
    signal,
  });
  try {
    if (answer.statusCode === 410) return "expired";
    if (answer.statusCode !== 200) throw answered(answer.statusCode, "", undefined, call, 0).problem;
    const answeredMs = Math.min(performance.now() - asked, longestQuietMs);
    return await collected(answer.body, resourceVersion, Math.max(quietMs, answeredMs));
  } finally {
    answer.body.on("error", () => undefined);
    enough.abort();
  }
}

async function collected(body: AsyncIterable<unknown>, from: string, quietMs: number): Promise<WatchResult> {
  const changes: ClassChange[] = [];
  let resourceVersion = from;
  for await (const line of linesUntilQuiet(body, quietMs)) {
    const event: unknown = JSON.parse(line);
    const type = text(field(event, "type"));
    const object = field(event, "object");
    if (type === "ERROR") return "expired";
    resourceVersion = text(field(object, "metadata", "resourceVersion")) ?? resourceVersion;
    if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") changes.push({ type, object });
  }
  return { changes, resourceVersion };
}

/** Whole lines, until the stream ends or nothing has come for `quietMs` after a whole line. */
async function* linesUntilQuiet(body: AsyncIterable<unknown>, quietMs: number): AsyncGenerator<string> {
  const chunks = body[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const chunk = chunks.next();
    const next = rest === "" ? await orQuiet(chunk, quietMs) : await chunk;
    if (next === undefined) return;
    if (next.done === true) {
      if (rest !== "") yield rest; // The stream broke off: what is no JSON makes the caller list again.
      return;
    }
    if (next.value instanceof Uint8Array) rest += decoder.decode(next.value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line.trim() !== "");
  }
}

/** Quiet is said after sockets were read once more: a process that stood still meets its timers before them. */
async function orQuiet<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve, undefined), ms);
  });
  // Left behind when it is quiet: it then ends with the aborted stream.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
