/** The timer's message: a pass is due. Whoever forges one causes a pass, which acts through `converge` like all else. */

import * as z from "zod";
import { openBody } from "../message-body.ts";

export interface ReconcileMessage {
  readonly kind: "reconcile";
  /** Version of this shape. */
  readonly v: 1;
  /** When the timer fired, in milliseconds since 1970. */
  readonly at: number;
}

export function reconcileMessage(at: number): ReconcileMessage {
  return { kind: "reconcile", v: 1, at };
}

/** In: what the queue trigger handed over. Undefined if it is not this message. Never throws. */
export function parseReconcileMessage(body: unknown): ReconcileMessage | undefined {
  const opened = openBody(body);
  if (!opened.ok) return undefined;
  const parsed = shape.safeParse(opened.value);
  return parsed.success ? parsed.data : undefined;
}

const shape = z.strictObject({ kind: z.literal("reconcile"), v: z.literal(1), at: z.int().min(0) });
