/**
 * Chains of messages: which message goes on with a target. One chain a cause; a new chain takes over what the older
 * one looked after, and so does one whose message meets another's record; that one ends where it meets a newer record.
 * Without a record nobody ends: that costs a look, never work.
 */

import { nextDelayMs } from "./core/back-off.ts";
import { endedChain, isEndedChain, isOlderChain, newChain } from "./core/chain.ts";
import { bothByHand, keepsByHand } from "./core/by-hand.ts";
import type { ByHand } from "./core/by-hand.ts";
import { emptyMemory } from "./core/memory.ts";
import type { Scope, TargetMessage } from "./core/message.ts";
import type { Next } from "./core/plan/plan-types.ts";
import type { Outcome } from "./core/reasons.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import { covers, mergeScopes } from "./core/scope.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import type { ConvergeResult } from "./converge.ts";
import type { ChainRecord, Clock, History, WorkQueue } from "./ports.ts";

/** The one failure that a handler passes on, so that the host gives the message again. */
export class HandOverFailed extends Error {
  override readonly name = "HandOverFailed";

  constructor(target: Target, cause: unknown) {
    const why = cause instanceof RemoteProblem ? cause.message : "unexpected";
    super(`Could not hand ${targetKey(target)} over to the queue: ${why}`);
  }
}

export interface ChainPorts {
  readonly queue: WorkQueue;
  readonly history: History;
  readonly clock: Clock;
}

/** What a chain looks after. */
type Looking = Pick<ChainRecord, "scope" | "byHand">;

export class Chains {
  readonly #ports: ChainPorts;

  constructor(ports: ChainPorts) {
    this.#ports = ports;
  }

  begin(target: Target, scope: Scope, byHand?: ByHand): TargetMessage {
    const message = { kind: "target", v: 1, target, chain: this.#name(), scope, memory: emptyMemory } as const;
    return { ...message, ...asked(byHand) };
  }

  /** A new chain takes over what the target's chain so far looked after. */
  async join(message: TargetMessage): Promise<TargetMessage> {
    const { history } = this.#ports;
    const before = await history.chain(message.target);
    const goesOn = before !== undefined && !isEndedChain(before.chain);
    const scope = goesOn ? mergeScopes(before.scope, message.scope) : message.scope;
    const byHand = asked(bothByHand(message.byHand, goesOn ? before.byHand : undefined));
    await history.keepChain(message.target, { chain: message.chain, scope, ...byHand });
    return { ...message, scope, ...byHand };
  }

  /**
   * What a message that comes is to do; undefined where a newer chain goes on with the target and looks after all that
   * this one does. One that does not is taken over with what it looks after, as if that had just begun: else chains of
   * which none covers another go on side by side for as long as something waits, each event's one more. The record stays
   * as it is until the message that goes on is sent: this one may die before that, and come again.
   */
  async resume(message: TargetMessage): Promise<TargetMessage | undefined> {
    const newest = await this.#ports.history.chain(message.target);
    if (newest === undefined || !isOlderChain(message.chain, newest.chain)) return message;
    if (doesAllOf(newest, message)) return undefined;
    if (isEndedChain(newest.chain) || doesAllOf(message, newest)) return message;
    const byHand = bothByHand(message.byHand, newest.byHand);
    const memory = { ...message.memory, delayMs: 0 };
    return { ...message, scope: mergeScopes(newest.scope, message.scope), memory, ...asked(byHand) };
  }

  /** Another chain looks after this target already, with a message on its way. */
  async isLookedAfter(message: TargetMessage): Promise<boolean> {
    const other = await this.#ports.history.chain(message.target);
    if (other === undefined || other.chain === message.chain || isEndedChain(other.chain)) return false;
    return doesAllOf(other, message);
  }

  /** Sends the message under a new name, which takes the place of the old one. Throws HandOverFailed. */
  async handOver(message: TargetMessage, delayMs: number): Promise<TargetMessage> {
    const next = { ...message, chain: this.#name() };
    await this.send(next, delayMs);
    await this.#ports.history.keepChain(next.target, {
      chain: next.chain,
      scope: next.scope,
      ...asked(next.byHand),
    });
    return next;
  }

  /** Ends the chain, or sends its next message; the one that was handed over before the work gives way to it. */
  async goOn(message: TargetMessage, result: ConvergeResult): Promise<void> {
    const { history, clock } = this.#ports;
    if (result.next.kind !== "end") {
      const delayMs = delayOf(result.next, message.memory.delayMs, result.outcomes);
      await this.handOver({ ...message, memory: { ...result.memory, delayMs } }, delayMs);
      return;
    }
    // What only trying finds out (a patch that is rejected) the message that was handed over would try again.
    if (isProven(result)) await history.endChain(message.target, message.chain);
    else {
      // An event may have come since: its chain is not ours to end.
      const newest = await history.chain(message.target);
      if (newest !== undefined && isOlderChain(message.chain, newest.chain)) return;
      const chain = endedChain(clock.now(), clock.id());
      await history.keepChain(message.target, { chain, scope: message.scope, ...asked(message.byHand) });
    }
  }

  /** Throws HandOverFailed only. */
  async send(message: TargetMessage, delayMs: number): Promise<void> {
    try {
      await this.#ports.queue.send(message, delayMs);
    } catch (error) {
      throw new HandOverFailed(message.target, error);
    }
  }

  #name(): string {
    return newChain(this.#ports.clock.now(), this.#ports.clock.id());
  }
}

function doesAllOf(one: Looking, other: Looking): boolean {
  return covers(one.scope, other.scope) && keepsByHand(one.byHand, other.byHand);
}

/** An absent field rather than one without a value: messages of a version before have none. */
function asked(byHand: ByHand | undefined): { readonly byHand?: ByHand } {
  return byHand === undefined ? {} : { byHand };
}

function delayOf(
  next: Exclude<Next, { kind: "end" }>,
  beforeMs: number,
  outcomes: ReadonlyMap<string, Outcome>,
): number {
  if (next.kind === "soon") return next.ms;
  // A rollout that the time budget cut short goes on at once; a wait for a person doubles, up to an hour.
  const moving = [...outcomes.values()].some(
    (outcome) => outcome.kind === "waiting" && outcome.reason === "rollout-running",
  );
  return moving ? next.atLeastMs : nextDelayMs(beforeMs, next.atLeastMs);
}

function isProven(result: ConvergeResult): boolean {
  return [...result.outcomes.values()].every((outcome) => outcome.kind === "converged");
}
