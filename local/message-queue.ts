/**
 * A Storage queue in memory with the Functions listener's habits (docs/facts.md): at least once, ten minutes of
 * invisibility while a message is worked on, 30 seconds after a failure, `rotations-poison` after five failures.
 */

import type { TargetMessage } from "../shared/core/message.ts";
import type { WorkQueue } from "../shared/ports.ts";
import type { LocalClock } from "./clock.ts";

interface Stored {
  readonly id: number;
  readonly body: unknown;
  visibleAt: number;
  dequeueCount: number;
}

export type Handler = (body: unknown) => Promise<unknown>;

const workedOnMs = 10 * 60_000;
const failedMs = 30_000;
const mostDequeues = 5;

export class MessageQueue implements WorkQueue {
  readonly #clock: LocalClock;
  readonly #pollMs: number;
  readonly #messages = new Map<number, Stored>();
  /** The listener looks at whole multiples of its interval from here on. */
  readonly #startedAt: number;
  #handlers: Handler[] = [];
  #counter = 0;
  #nextLook: { readonly at: number; readonly cancel: () => void } | undefined;
  readonly poison: unknown[] = [];
  /** What `send` was given, as text: for tests that look for values. */
  readonly sent: string[] = [];

  constructor(clock: LocalClock, pollMs: number = 500) {
    this.#clock = clock;
    this.#pollMs = pollMs;
    this.#startedAt = clock.now();
  }

  async send(message: TargetMessage, delayMs: number): Promise<void> {
    await Promise.resolve();
    const text = JSON.stringify(message);
    this.sent.push(text);
    this.put(JSON.parse(text), Math.ceil(delayMs / 1000) * 1000);
  }

  put(body: unknown, delayMs: number = 0): void {
    this.#counter += 1;
    this.#messages.set(this.#counter, {
      id: this.#counter,
      body,
      visibleAt: this.#clock.now() + delayMs,
      dequeueCount: 0,
    });
    this.#lookAt(this.#clock.now() + delayMs);
  }

  /** Instances that listen; each message goes to one of them, in turn. */
  listen(handler: Handler): () => void {
    this.#handlers.push(handler);
    this.#lookAt(this.#clock.now());
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== handler);
    };
  }

  get size(): number {
    return this.#messages.size;
  }

  bodies(): readonly unknown[] {
    return [...this.#messages.values()].map((message) => message.body);
  }

  /** Looks at the first poll from `visibleAt` on. Polls that could find nothing are left out. */
  #lookAt(visibleAt: number): void {
    const polls = Math.ceil((visibleAt - this.#startedAt) / this.#pollMs);
    const at = this.#startedAt + polls * this.#pollMs;
    if (this.#nextLook !== undefined && this.#nextLook.at <= at) return;
    this.#nextLook?.cancel();
    const cancel = this.#clock.after(at - this.#clock.now(), () => {
      this.#nextLook = undefined;
      this.#poll();
      const next = Math.min(...[...this.#messages.values()].map((message) => message.visibleAt));
      // What stays visible waits for somebody to listen, who looks for himself.
      if (next > this.#clock.now() && next < Infinity) this.#lookAt(next);
    });
    this.#nextLook = { at, cancel };
  }

  #poll(): void {
    for (const message of this.#messages.values()) {
      if (message.visibleAt > this.#clock.now()) continue;
      const handler = this.#handlers[message.id % Math.max(1, this.#handlers.length)];
      if (handler === undefined) return;
      message.dequeueCount += 1;
      message.visibleAt = this.#clock.now() + workedOnMs;
      void this.#give(message, handler);
    }
  }

  async #give(message: Stored, handler: Handler): Promise<void> {
    const mine = message.dequeueCount;
    try {
      await handler(message.body);
      this.#messages.delete(message.id);
    } catch {
      // Somebody else has it by now: the lease was lost.
      if (message.dequeueCount !== mine) return;
      if (mine >= mostDequeues) {
        this.#messages.delete(message.id);
        this.poison.push(message.body);
      } else {
        message.visibleAt = this.#clock.now() + failedMs;
        this.#lookAt(message.visibleAt);
      }
    }
  }
}
