/** What a message that was given up or never delivered says, and what of it may go on the queue again. */

import { newChain } from "./chain.ts";
import { emptyMemory } from "./memory.ts";
import type { TargetMessage } from "./message.ts";
import { openBody } from "./message-body.ts";
import { claimsToBeTargetMessage, parseTargetMessage } from "./parse-message.ts";
import type { IgnoredReason } from "./reasons.ts";
import { readMessage } from "./secret-event.ts";
import { targetKey } from "./target.ts";
import { objectKey } from "./vault-object.ts";

export type Replayable =
  | { readonly ok: true; readonly about: readonly string[]; readonly send: Resend }
  /** It is left where it is. */
  | { readonly ok: false; readonly reason: IgnoredReason };

/** A message of our own begins anew; an event goes as it is, and the app reads it as it reads every event. */
export type Resend =
  | { readonly kind: "message"; readonly message: TargetMessage }
  | { readonly kind: "events"; readonly body: unknown };

/**
 * Reads a message's text or JSON. Of a list that holds events and other things nothing goes: whoever sends it chooses.
 * `now` and `id` make the name of the new chain; the old one may have ended. Never throws.
 */
export function replayable(body: unknown, now: number, id: string): Replayable {
  const message = parseTargetMessage(body);
  if (message !== undefined) {
    const again = { ...message, chain: newChain(now, id), memory: emptyMemory };
    const objects = message.scope === "all" ? [] : message.scope.map(({ object }) => object);
    return {
      ok: true,
      about: [targetKey(message.target), ...new Set(objects)],
      send: { kind: "message", message: again },
    };
  }
  if (claimsToBeTargetMessage(body)) return { ok: false, reason: "unknown-message" };
  const opened = openBody(body);
  if (!opened.ok) return { ok: false, reason: opened.reason };
  const { events, ignored } = readMessage(body);
  const [first] = ignored;
  if (first !== undefined || events.length === 0) return { ok: false, reason: first?.reason ?? "not-an-event" };
  const about = events.flatMap(({ objects }) => objects.map((object) => objectKey(object)));
  return { ok: true, about: [...new Set(about)], send: { kind: "events", body: opened.value } };
}
