/** A watch of the real API server, for those who look on. */

import { Agent, request } from "undici";
import { isObject, toJson } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import { collection } from "./holdings.ts";

export interface Seen {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: JsonObject;
  /** When it was heard of: milliseconds since 1970. */
  readonly at: number;
}

export interface Watching {
  /** Why it ended by itself; undefined while it goes on. */
  readonly broken: () => string | undefined;
  close(): Promise<void>;
}

/** Tells of each object that is there, and of every change from then on. `namespace` empty: all of them. */
export async function watchKind(
  rig: { readonly server: string; readonly ca: string; readonly tokens: { readonly admin: string } },
  kind: KindName,
  namespace: string,
  tell: (seen: Seen) => void,
): Promise<Watching> {
  const dispatcher = new Agent({ connect: { ca: rig.ca }, bodyTimeout: 0, headersTimeout: 30_000 });
  const end = new AbortController();
  let broken: string | undefined;
  const { statusCode, body } = await request(
    `${rig.server}${collection(kind, namespace)}?watch=true&timeoutSeconds=86400`,
    {
      dispatcher,
      signal: end.signal,
      headers: { authorization: `Bearer ${rig.tokens.admin}`, accept: "application/json" },
    },
  );
  if (statusCode !== 200) throw new Error(`A watch of ${kind} was answered ${statusCode}.`);
  const reading = (async () => {
    let rest = "";
    body.setEncoding("utf8");
    for await (const part of body) {
      const lines = `${rest}${String(part)}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = toJson(JSON.parse(line));
        if (!isObject(event) || !isObject(event["object"])) continue;
        const type = event["type"];
        if (type === "ADDED" || type === "MODIFIED" || type === "DELETED")
          tell({ type, object: event["object"], at: Date.now() });
      }
    }
    broken = `The watch of ${kind} ended.`;
  })().catch((error: unknown) => {
    broken = `The watch of ${kind} broke: ${error instanceof Error ? error.message : "unknown"}`;
  });
  return {
    broken: () => broken,
    close: async () => {
      end.abort();
      await reading;
      await dispatcher.destroy();
    },
  };
}
