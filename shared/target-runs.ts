/**
 * Runs of targets. In one process one run converges a target at a time: a message that meets it makes it look again. No
 * step is taken before the message that goes on with the target is on the queue.
 */

import { bothByHand, keepsByHand } from "./core/by-hand.ts";
import type { ByHand } from "./core/by-hand.ts";
import type { Memory } from "./core/memory.ts";
import type { Scope, TargetMessage } from "./core/message.ts";
import type { Outcome } from "./core/reasons.ts";
import { policyFor } from "./core/rotation-map.ts";
import type { RotationMap } from "./core/rotation-map/map-types.ts";
import { covers, mergeScopes } from "./core/scope.ts";
import { targetKey } from "./core/target.ts";
import { thrownAt } from "./core/thrown-at.ts";
import type { ObjectVersion } from "./core/vault-object.ts";
import type { MessageResult } from "./bridge.ts";
import { HandOverFailed } from "./chains.ts";
import type { Chains } from "./chains.ts";
import { converge } from "./converge.ts";
import type { ConvergeResult } from "./converge.ts";
import type { LookBook } from "./look-book.ts";
import type { Clock, Cluster, History, Log, Vault } from "./ports.ts";
import { seats } from "./seats.ts";
import type { Seats } from "./seats.ts";
import { sharedVault } from "./shared-vault.ts";
import type { Weakly } from "./shared-vault.ts";

export interface RunPorts {
  readonly map: RotationMap;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly vault: Vault;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  /** How long one invocation may work, in milliseconds; below the host's function time-out. */
  readonly timeBudgetMs: number;
  /** Default: the garbage collector's own. */
  readonly weakly?: Weakly<ObjectVersion> | undefined;
}

export interface RunTerms {
  /** When it must end, in milliseconds since 1970. */
  readonly deadline: number;
  /**
   * The sending of the message, where it is on its way to the queue already. Without it the message is sent only if there
   * is something to do, so that a look which finds nothing ends the chain.
   */
  readonly handedOver?: Promise<void>;
  /** The timer has seats of its own, so that no rotation waits behind its looks. */
  readonly byTimer?: boolean;
}

export type TargetResult = MessageResult["targets"][number];

interface RunningTarget {
  scope: Scope;
  byHand: ByHand | undefined;
  /** A message met this run: it must look once more before it ends. */
  again: boolean;
  /** What goes on with the target is on its way to the queue, with the scope of that moment. */
  handedOver: boolean;
}

/** In one cluster: each holds a whole namespace in memory, and asks for five lists at a time. */
const mostLooksAtOnce = 32;
/** Those of the timer come on top, so that no rotation waits behind them; nor for long for the run of a target that it meets. */
const mostTimerLooksAtOnce = 8;

export class TargetRuns {
  readonly #ports: RunPorts;
  readonly #chains: Chains;
  readonly #book: LookBook;
  readonly #vault: Vault;
  /** By cluster: one that answers slowly holds up no other. */
  readonly #looking: ReadonlyMap<string, Seats>;
  readonly #timerLooking: ReadonlyMap<string, Seats>;
  readonly #running = new Map<string, RunningTarget>();

  constructor(ports: RunPorts, chains: Chains, book: LookBook) {
    this.#ports = ports;
    this.#chains = chains;
    this.#book = book;
    this.#vault = sharedVault(ports.vault, ports.weakly);
    const names = [...ports.clusters.keys()];
    this.#looking = new Map(names.map((name) => [name, seats(mostLooksAtOnce)]));
    this.#timerLooking = new Map(names.map((name) => [name, seats(mostTimerLooksAtOnce)]));
  }

  /** Works on the message's target until it is done or out of time, or leaves it to the run that is under way. */
  async run(
    message: TargetMessage,
    { deadline, handedOver, byTimer = false }: RunTerms,
  ): Promise<TargetResult | "already-running"> {
    const { clusters, history, clock, log, map, timeBudgetMs } = this.#ports;
    const { target } = message;
    const key = targetKey(target);
    const cluster = clusters.get(target.cluster);
    const seatsOfCluster = (byTimer ? this.#timerLooking : this.#looking).get(target.cluster);
    const policy = policyFor(map, target);
    if (cluster === undefined || seatsOfCluster === undefined || policy === undefined)
      return { target: key, outcome: "ignored", reason: "not-mapped" };
    const met = this.#running.get(key);
    if (met !== undefined) {
      const isCovered = covers(met.scope, message.scope) && keepsByHand(met.byHand, message.byHand);
      met.scope = mergeScopes(met.scope, message.scope);
      met.byHand = bothByHand(met.byHand, message.byHand);
      met.again = true;
      // This message ends here, and what that run has handed over says nothing of these objects: both may die.
      if (met.handedOver && !isCovered && handedOver === undefined && !byTimer)
        await this.#chains.send(message, timeBudgetMs);
      return "already-running";
    }
    const running: RunningTarget = {
      scope: message.scope,
      byHand: message.byHand,
      again: false,
      handedOver: handedOver !== undefined,
    };
    this.#running.set(key, running);
    let sent = handedOver === undefined ? undefined : message;
    const beforeWork = async (memory: Memory) => {
      running.handedOver = true;
      if (handedOver !== undefined) await handedOver;
      else sent ??= await this.#chains.handOver({ ...message, ...whatOf(running), memory }, timeBudgetMs);
    };
    const look = async (memory: Memory): Promise<ConvergeResult> => {
      try {
        const done = await converge(
          {
            target,
            policy,
            scope: () => running.scope,
            byHand: () => running.byHand,
            memory,
            deadline,
            beforeWork,
          },
          { cluster, vault: this.#vault, history, clock, log, seats: seatsOfCluster },
        );
        this.#book.note(target, policy, running.scope, done, clock.now());
        return done;
      } catch (error) {
        if (error instanceof HandOverFailed) throw error;
        return this.#unexpected(key, memory, error);
      }
    };
    let result: ConvergeResult;
    try {
      result = await look(message.memory);
      while (running.again && clock.now() < deadline) {
        running.again = false;
        result = await look(result.memory);
      }
    } finally {
      // From here on a message that comes starts a run of its own: this one looks no more.
      this.#running.delete(key);
    }
    if (running.again) result = { ...result, next: { kind: "later", atLeastMs: 1000 } };
    const chain = { ...(sent ?? message), ...whatOf(running), memory: message.memory };
    // A wait that another chain looks after needs no second one: the timer comes by every 15 minutes.
    const idle = sent === undefined && result.next.kind === "later" && (await this.#chains.isLookedAfter(chain));
    if (!idle) await this.#chains.goOn(chain, result);
    return summary(key, result);
  }

  /** A defect of ours in one target must hold up no other: it is named, and tried again less and less often. */
  #unexpected(target: string, memory: Memory, error: unknown): ConvergeResult {
    const kind = error instanceof Error ? error.name : typeof error;
    this.#ports.log.error("outcome", {
      target,
      class: "*",
      outcome: "failed",
      reason: "unexpected",
      about: [kind, thrownAt(error) ?? ""],
    });
    const outcome: Outcome = { kind: "failed", reason: "unexpected", about: [kind] };
    return { outcomes: new Map([["*", outcome]]), next: { kind: "later", atLeastMs: 60_000 }, memory, seen: undefined };
  }
}

function whatOf({ scope, byHand }: RunningTarget): Pick<TargetMessage, "scope" | "byHand"> {
  return byHand === undefined ? { scope } : { scope, byHand };
}

function summary(target: string, result: ConvergeResult): TargetResult {
  const worst = worstOf([...result.outcomes.values()]);
  return { target, outcome: worst.kind, reason: worst.kind === "converged" ? undefined : worst.reason };
}

function worstOf(outcomes: readonly Outcome[]): Outcome {
  const rank = { failed: 0, refused: 1, waiting: 2, converged: 3 } as const;
  return [...outcomes].sort((a, b) => rank[a.kind] - rank[b.kind])[0] ?? { kind: "converged", idle: true };
}
