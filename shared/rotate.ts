/**
 * One message of the queue `rotations`: find what it concerns, hand it over, then do the work.
 *
 * The message that goes on with a target is sent before any work on it starts, visible after the time budget. So a
 * crash at any point loses minutes at the most, and a handler fails only if it could not hand over.
 */

import { nextDelayMs } from "./core/back-off.ts";
import { emptyMemory } from "./core/memory.ts";
import type { Memory } from "./core/memory.ts";
import type { ObjectHint, Scope, TargetMessage } from "./core/message.ts";
import { claimsToBeTargetMessage, parseTargetMessage } from "./core/parse-message.ts";
import type { IgnoredReason, Outcome } from "./core/reasons.ts";
import { mappedVault, policyFor } from "./core/rotation-map.ts";
import type { RotationMap } from "./core/rotation-map/map-types.ts";
import { mergeScopes } from "./core/scope.ts";
import { readMessage } from "./core/secret-event.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import { thrownAt } from "./core/thrown-at.ts";
import { objectKey } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import type { MessageResult } from "./bridge.ts";
import { Chains, HandOverFailed, laterOf } from "./chains.ts";
import { converge } from "./converge.ts";
import type { ConvergeResult } from "./converge.ts";
import { findTargets, unsearchedOutcome, wholeCluster } from "./find-targets.ts";
import type { LookBook } from "./look-book.ts";
import type { Clock, Cluster, History, Log, Vault, WorkQueue } from "./ports.ts";
import { seats } from "./seats.ts";
import type { Seats } from "./seats.ts";
import { sharedVault } from "./shared-vault.ts";

export interface RotatePorts {
  readonly map: RotationMap;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly vault: Vault;
  readonly queue: WorkQueue;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  /** How long one invocation may work, in milliseconds; below the host's function time-out. */
  readonly timeBudgetMs: number;
  /** From one look of the timer at everything of a target to the next. Default 6 hours. */
  readonly deepEveryMs?: number | undefined;
}

interface RunningTarget {
  scope: Scope;
  settle: number | undefined;
  /** A message met this run: it must look once more before it ends. */
  again: boolean;
}

/** What events or a person ask for, wherever it is. */
interface Wanted {
  readonly hints: readonly ObjectHint[];
  readonly settle: number | undefined;
}

type TargetResult = MessageResult["targets"][number];
type Ignored = { readonly reason: IgnoredReason; readonly about: string };

const mostClustersAtOnce = 100;
/** A target that waits for its pods holds a few kilobytes; a later one is not written before one of these is done. */
const mostTargetsAtOnce = 2000;
/** In one cluster: each holds a whole namespace in memory, and asks for five lists at a time. */
const mostLooksAtOnce = 32;
/** Those of the timer come on top, so that no rotation waits behind them; nor for long for the run of a target that it meets. */
const mostTimerLooksAtOnce = 8;
const mostTimerTargetsAtOnce = 64;
const mostSendsAtOnce = 64;

export class Rotation {
  readonly #ports: RotatePorts;
  readonly #chains: Chains;
  readonly #vault: Vault;
  /** By cluster: one that answers slowly holds up no other. */
  readonly #looking: ReadonlyMap<string, Seats>;
  readonly #timerLooking: ReadonlyMap<string, Seats>;
  readonly #sending = seats(mostSendsAtOnce);
  readonly #book: LookBook;
  /** In one process, one run converges a target at a time. */
  readonly #running = new Map<string, RunningTarget>();

  constructor(ports: RotatePorts, book: LookBook) {
    this.#ports = ports;
    this.#chains = new Chains(ports);
    this.#vault = sharedVault(ports.vault);
    const names = [...ports.clusters.keys()];
    this.#looking = new Map(names.map((name) => [name, seats(mostLooksAtOnce)]));
    this.#timerLooking = new Map(names.map((name) => [name, seats(mostTimerLooksAtOnce)]));
    this.#book = book;
  }

  async onMessage(body: unknown): Promise<MessageResult> {
    const message = parseTargetMessage(body);
    if (message !== undefined) return this.#onTarget(message);
    if (claimsToBeTargetMessage(body))
      return { ignored: [{ reason: "unknown-message", about: "message" }], targets: [] };
    const { events, ignored } = readMessage(body);
    const hints: ObjectHint[] = [];
    const dropped: Ignored[] = [...ignored];
    for (const event of events) {
      if (mappedVault(this.#ports.map, event.vault) === undefined)
        dropped.push({ reason: "unknown-vault", about: event.vault });
      else for (const object of event.objects) hints.push({ object: objectKey(object), version: event.version });
    }
    if (hints.length === 0) return { ignored: dropped, targets: [] };
    return this.#onHints({ hints, settle: undefined }, dropped, [...this.#ports.clusters.keys()]);
  }

  /** Looks at targets of the timer: whatever is left to do is handed over and done, within `deadline`. */
  async lookAt(targets: readonly Target[], deadline: number): Promise<readonly TargetResult[]> {
    const results = await forEachBounded(targets, mostTimerTargetsAtOnce, (target) =>
      this.#work(this.#chains.begin(target, "all"), deadline, undefined, this.#timerLooking),
    );
    return fulfilled(results).filter((result) => result !== "already-running");
  }

  /** Leaves a look at everything of the target to a message. Throws HandOverFailed. */
  async lookLater(target: Target, delayMs: number): Promise<void> {
    await this.#chains.send(this.#chains.begin(target, "all"), delayMs);
  }

  /** Each cluster for itself, side by side: one that does not answer holds up no other. */
  async #onHints(wanted: Wanted, ignored: readonly Ignored[], names: readonly string[]): Promise<MessageResult> {
    const deadline = this.#ports.clock.now() + this.#ports.timeBudgetMs;
    const parts = await forEachBounded(names, mostClustersAtOnce, (name) => this.#inCluster(name, wanted, deadline));
    const results = fulfilled(parts).flat();
    const found = fulfilled(parts).some((part) => part.length > 0);
    const none: readonly Ignored[] = found
      ? []
      : [{ reason: "no-target", about: wanted.hints.map((hint) => hint.object).join(", ") }];
    return { ignored: [...ignored, ...none], targets: results.filter((result) => result !== "already-running") };
  }

  async #inCluster(
    name: string,
    { hints, settle }: Wanted,
    deadline: number,
  ): Promise<readonly (TargetResult | "already-running")[]> {
    const { map, clusters, log, timeBudgetMs } = this.#ports;
    const cluster = clusters.get(name);
    if (cluster === undefined) return [];
    const { targets, unsearched } = await findTargets(map, new Map([[name, cluster]]), hints);
    const problem = unsearched[0]?.problem;
    if (problem !== undefined) {
      const said = unsearchedOutcome(name, problem);
      log.warn("outcome", { ...said });
      const message = this.#chains.begin({ cluster: name, namespace: wholeCluster }, hints, settle);
      await this.#chains.send({ ...message, memory: { ...emptyMemory, delayMs: searchAgainMs } }, searchAgainMs);
      return [{ target: said.target, outcome: said.outcome, reason: said.reason }];
    }
    const joined = await Promise.all(
      targets.map((target) => this.#sending.take(() => this.#chains.join(this.#chains.begin(target, hints, settle)))),
    );
    // All are on their way to the queue at once; each target's work starts its reading meanwhile, and no step of it
    // is taken before its own message is there.
    const work = joined.map((message) => ({
      message,
      handedOver: this.#sending.take(() => this.#chains.send(message, timeBudgetMs)),
    }));
    const handOvers = Promise.allSettled(work.map(({ handedOver }) => handedOver));
    const results = await forEachBounded(work, mostTargetsAtOnce, ({ message, handedOver }) =>
      this.#work(message, deadline, handedOver),
    );
    fulfilled(await handOvers);
    return fulfilled(results);
  }

  async #onTarget(message: TargetMessage): Promise<MessageResult> {
    const { clock, timeBudgetMs, clusters } = this.#ports;
    const about = targetKey(message.target);
    if (message.target.namespace === wholeCluster) return this.#onSearch(message);
    if (!clusters.has(message.target.cluster) || policyFor(this.#ports.map, message.target) === undefined) {
      return { ignored: [{ reason: "not-mapped", about }], targets: [] };
    }
    if (await this.#chains.isOlder(message)) return { ignored: [{ reason: "older-chain", about }], targets: [] };
    const result = await this.#work(message, clock.now() + timeBudgetMs, undefined);
    if (result === "already-running") return { ignored: [{ reason: "already-running", about }], targets: [] };
    return { ignored: [], targets: [result] };
  }

  /** A cluster that could not be searched for an event's targets is searched again, less and less often. */
  async #onSearch(message: TargetMessage): Promise<MessageResult> {
    const about = targetKey(message.target);
    const cluster = this.#ports.clusters.get(message.target.cluster);
    if (cluster === undefined || message.scope === "all")
      return { ignored: [{ reason: "not-mapped", about }], targets: [] };
    try {
      await cluster.index();
    } catch {
      const delayMs = nextDelayMs(message.memory.delayMs, searchAgainMs);
      await this.#chains.send({ ...message, memory: { ...message.memory, delayMs } }, delayMs);
      return { ignored: [], targets: [{ target: about, outcome: "waiting", reason: "cluster-unreachable" }] };
    }
    return this.#onHints({ hints: message.scope, settle: message.settle }, [], [message.target.cluster]);
  }

  /**
   * Works on one target. `handedOver` is the sending of its message; without one it is sent only if there is something
   * to do, so that a look which finds nothing ends the chain. No step is taken before the message is on the queue.
   */
  async #work(
    message: TargetMessage,
    deadline: number,
    handedOver: Promise<void> | undefined,
    looking: ReadonlyMap<string, Seats> = this.#looking,
  ): Promise<TargetResult | "already-running"> {
    const { clusters, history, clock, log, map, timeBudgetMs } = this.#ports;
    const { target } = message;
    const key = targetKey(target);
    const cluster = clusters.get(target.cluster);
    const seatsOfCluster = looking.get(target.cluster);
    const policy = policyFor(map, target);
    if (cluster === undefined || seatsOfCluster === undefined || policy === undefined)
      return { target: key, outcome: "ignored", reason: "not-mapped" };
    const met = this.#running.get(key);
    if (met !== undefined) {
      met.scope = mergeScopes(met.scope, message.scope);
      met.settle = laterOf(met.settle, message.settle);
      met.again = true;
      return "already-running";
    }
    const running: RunningTarget = { scope: message.scope, settle: message.settle, again: false };
    this.#running.set(key, running);
    let sent = handedOver === undefined ? undefined : message;
    const beforeWork = async (memory: Memory) => {
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
            settle: () => running.settle,
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

function whatOf({ scope, settle }: RunningTarget): Pick<TargetMessage, "scope" | "settle"> {
  return settle === undefined ? { scope } : { scope, settle };
}

const searchAgainMs = 15_000;

function summary(target: string, result: ConvergeResult): TargetResult {
  const worst = worstOf([...result.outcomes.values()]);
  return { target, outcome: worst.kind, reason: worst.kind === "converged" ? undefined : worst.reason };
}

function worstOf(outcomes: readonly Outcome[]): Outcome {
  const rank = { failed: 0, refused: 1, waiting: 2, converged: 3 } as const;
  return [...outcomes].sort((a, b) => rank[a.kind] - rank[b.kind])[0] ?? { kind: "converged", idle: true };
}

/** Everything to its end; then the first failure (a hand-over, or a defect) fails the message, so that it comes again. */
function fulfilled<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
