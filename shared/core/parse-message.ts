/**
 * The bridge's own queue message, in and out. Whoever can write to the queue can forge one, so it is read as
 * strictly as anything from outside: names of known alphabets, bounded lists, no unknown field. What passes can
 * cause a look at one target, and `converge` checks that against the map.
 */

import * as z from "zod";
import { byHandSchema } from "./by-hand.ts";
import { emptyMemory } from "./memory.ts";
import { openBody } from "./message-body.ts";
import { clusterNamePattern, namespacePattern, objectKeyPattern, versionPattern } from "./names.ts";
import type { Scope, TargetMessage } from "./message.ts";

/** A Storage queue message ends at 64 KiB of base64, which are 48 KiB of JSON. */
const maxBytes = 48 * 1024;
const maxItems = 500;
const maxDelayMs = 7 * 24 * 3_600_000;

/**
 * Reads a target's message. In: what the queue trigger handed over (see `openBody`). Out: the message, or undefined
 * if it is not one of ours or of another version. Never throws.
 */
export function parseTargetMessage(body: unknown): TargetMessage | undefined {
  const opened = openBody(body);
  if (!opened.ok) return undefined;
  const parsed = targetMessage.safeParse(opened.value);
  if (!parsed.success) return undefined;
  const { byHand, ...rest } = parsed.data;
  return byHand === undefined ? rest : { ...rest, byHand };
}

/** Does it say of itself that it is one of ours? Such a body is no event, whatever else it holds. */
export function claimsToBeTargetMessage(body: unknown): boolean {
  const opened = openBody(body);
  return opened.ok && claim.safeParse(opened.value).success;
}

const claim = z.looseObject({ kind: z.literal("target") });

/**
 * The message as JSON of at most 48 KiB that {@link parseTargetMessage} accepts. What is too large loses its memory
 * first (the chain starts counting at zero), then its scope (the look takes in the whole target): both cost time, never
 * correctness.
 */
export function encodeMessage(message: TargetMessage): string {
  const withoutMemory = { ...message, memory: emptyMemory };
  const smallest = JSON.stringify({ ...withoutMemory, scope: "all" });
  const larger = [message, withoutMemory].map((candidate) => JSON.stringify(candidate));
  return larger.find((text) => byteLength(text) <= maxBytes && parseTargetMessage(text) !== undefined) ?? smallest;
}

/** A scope as JSON text, as {@link encodeScope} writes it; undefined for anything else. */
export function parseScope(text: string): Scope | undefined {
  const opened = openBody(text);
  const parsed = scope.safeParse(opened.ok ? opened.value : undefined);
  return parsed.success ? parsed.data : undefined;
}

/** `Memory.reverted` as JSON text; undefined for anything else. */
export function parseReverted(text: string): readonly string[] | undefined {
  const opened = openBody(text);
  const parsed = reverted.safeParse(opened.ok ? opened.value : undefined);
  return parsed.success ? parsed.data : undefined;
}

export function encodeScope(value: Scope): string {
  return JSON.stringify(value);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A key of plan's own: printable ASCII. zod leaves `__proto__` out of a record. */
const memoryKey = z.string().regex(/^[\u0021-\u007e]{1,512}$/);

function counters(atMost: number) {
  return z
    .record(memoryKey, z.int().min(0).max(atMost))
    .refine((record) => Object.keys(record).length <= maxItems)
    .readonly();
}

const objectHint = z
  .strictObject({ object: z.string().regex(objectKeyPattern), version: z.string().regex(versionPattern).optional() })
  .transform(({ object, version }) => ({ object, version }));

const scope = z.union([z.literal("all"), z.array(objectHint).max(maxItems).readonly()]);

const reverted = z
  .array(z.string().regex(/^[A-Z][A-Za-z]{1,40}\/[a-z0-9.-]{1,253}@[0-9a-z]{1,16}(?:\+[0-9a-z]{1,16})?$/))
  .max(maxItems)
  .readonly();

const targetMessage = z.strictObject({
  kind: z.literal("target"),
  v: z.literal(1),
  target: z.strictObject({
    cluster: z.string().regex(clusterNamePattern),
    // `*`: search the whole cluster for the hints (find-targets.ts).
    namespace: z.union([z.string().regex(namespacePattern), z.literal("*")]),
  }),
  chain: z.string().regex(/^[0-9a-zA-Z-]{1,64}$/),
  scope,
  byHand: byHandSchema.optional(),
  memory: z.strictObject({
    firstSeen: counters(Number.MAX_SAFE_INTEGER),
    counts: counters(1_000_000),
    reverted,
    delayMs: z.int().min(0).max(maxDelayMs),
  }),
});
