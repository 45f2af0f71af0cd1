/**
 * One message of the queue `rotations`: find what it concerns, hand it over, then do the work.
 *
 * The message that goes on with a target is sent before any work on it starts, visible after the time budget. So a
 * crash at any point loses minutes at the most, and a handler fails only if it could not hand over.
 */

import { endedChain, isEndedChain, isOlderChain, newChain } from "./core/chain.ts";
import { emptyMemory } from "./core/memory.ts";
import type { Memory } from "./core/memory.ts";
import type { ObjectHint, Scope, TargetMessage } from "./core/message.ts";
import { claimsToBeTargetMessage, parseTargetMessage } from "./core/parse-message.ts";
import type { Next } from "./core/plan/plan-types.ts";
import type { IgnoredReason, Outcome } from "./core/reasons.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import { mappedVault, policyFor } from "./core/rotation-map.ts";
import type { RotationMap } from "./core/rotation-map/map-types.ts";
import { covers, mergeScopes } from "./core/scope.ts";
import { readMessage } from "./core/secret-event.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { nextDelayMs } from "./core/back-off.ts";
import { forEachBounded } from "./bounded.ts";
import type { MessageResult } from "./bridge.ts";
import { converge } from "./converge.ts";
import type { ConvergeResult } from "./converge.ts";
import { findTargets, wholeCluster } from "./find-targets.ts";
import type { Clock, Cluster, History, Log, Vault, WorkQueue } from "./ports.ts";

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
}

interface RunningTarget {
  scope: Scope;
  /** A message met this run: it must look once more before it ends. */
  again: boolean;
}

type TargetResult = MessageResult["targets"][number];
type Ignored = { readonly reason: IgnoredReason; readonly about: string };

const mostTargetsAtOnce = 32;

export class Rotation {
  readonly #ports: RotatePorts;
  /** In one process, one run converges a target at a time. */
  readonly #running = new Map<string, RunningTarget>();

  constructor(ports: RotatePorts) {
    this.#ports = ports;
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
    return this.#onHints(hints, dropped, [...this.#ports.clusters.keys()]);
  }

  /** Looks at targets of the timer: whatever is left to do is handed over and done, within `deadline`. */
  async lookAt(targets: readonly Target[], deadline: number): Promise<readonly TargetResult[]> {
    const results = await forEachBounded(targets, mostTargetsAtOnce, (target) =>
      this.#work(this.#newMessage(target, "all"), deadline, "before-work"),
    );
    return settledResults(results);
  }

  async #onHints(
    hints: readonly ObjectHint[],
    ignored: readonly Ignored[],
    names: readonly string[],
  ): Promise<MessageResult> {
    const { map, clusters, log, clock, timeBudgetMs } = this.#ports;
    const searched = new Map(
      names.flatMap((name) => {
        const cluster = clusters.get(name);
        return cluster === undefined ? [] : [[name, cluster] as const];
      }),
    );
    const deadline = clock.now() + timeBudgetMs;
    const { targets, unsearched } = await findTargets(map, searched, hints);
    for (const { cluster, problem } of unsearched) {
      log.warn("outcome", {
        target: `${cluster}/${wholeCluster}`,
        outcome: "waiting",
        reason: "cluster-unreachable",
        about: [problem.message],
      });
    }
    const later = unsearched.map(({ cluster }) => this.#newMessage({ cluster, namespace: wholeCluster }, hints));
    const messages = await Promise.all(targets.map((target) => this.#joinChain(this.#newMessage(target, hints))));
    const handOvers = await Promise.allSettled([
      ...messages.map((message) => this.#send(message, timeBudgetMs)),
      ...later.map((message) =>
        this.#send({ ...message, memory: { ...emptyMemory, delayMs: searchAgainMs } }, searchAgainMs),
      ),
    ]);
    const results = await forEachBounded(messages, mostTargetsAtOnce, (message) =>
      this.#work(message, deadline, "done"),
    );
    const failed = handOvers.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const none: readonly Ignored[] =
      targets.length + unsearched.length === 0
        ? [{ reason: "no-target", about: hints.map((hint) => hint.object).join(", ") }]
        : [];
    return { ignored: [...ignored, ...none], targets: settledResults(results) };
  }

  async #onTarget(message: TargetMessage): Promise<MessageResult> {
    const { clock, timeBudgetMs, clusters } = this.#ports;
    const about = targetKey(message.target);
    if (message.target.namespace === wholeCluster) return this.#onSearch(message);
    if (!clusters.has(message.target.cluster) || policyFor(this.#ports.map, message.target) === undefined) {
      return { ignored: [{ reason: "not-mapped", about }], targets: [] };
    }
    if (await this.#isOlder(message)) return { ignored: [{ reason: "older-chain", about }], targets: [] };
    const result = await this.#work(message, clock.now() + timeBudgetMs, "before-work");
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
      await this.#send({ ...message, memory: { ...message.memory, delayMs } }, delayMs);
      return { ignored: [], targets: [{ target: about, outcome: "waiting", reason: "cluster-unreachable" }] };
    }
    return this.#onHints(message.scope, [], [message.target.cluster]);
  }

  #newMessage(target: Target, scope: Scope): TargetMessage {
    return { kind: "target", v: 1, target, chain: this.#newChain(), scope, memory: emptyMemory };
  }

  /** A new chain takes over what the target's chain so far looked after. */
  async #joinChain(message: TargetMessage): Promise<TargetMessage> {
    const { history } = this.#ports;
    const before = await history.chain(message.target);
    const scope =
      before === undefined || isEndedChain(before.chain) ? message.scope : mergeScopes(before.scope, message.scope);
    await history.keepChain(message.target, { chain: message.chain, scope });
    return { ...message, scope };
  }

  /** A newer chain goes on with this target, and looks after all that this one does. */
  async #isOlder(message: TargetMessage): Promise<boolean> {
    const newest = await this.#ports.history.chain(message.target);
    return newest !== undefined && isOlderChain(message.chain, newest.chain) && covers(newest.scope, message.scope);
  }

  /**
   * Works on one target. `handedOver`: `done` when its message is on the queue already; `before-work` sends it only if
   * there is something to do, so that a look which finds nothing ends the chain.
   */
  async #work(
    message: TargetMessage,
    deadline: number,
    handedOver: "done" | "before-work",
  ): Promise<TargetResult | "already-running"> {
    const { clusters, vault, clock, log, map, history, timeBudgetMs } = this.#ports;
    const { target } = message;
    const key = targetKey(target);
    const cluster = clusters.get(target.cluster);
    const policy = policyFor(map, target);
    if (cluster === undefined || policy === undefined) return { target: key, outcome: "ignored", reason: "not-mapped" };
    const met = this.#running.get(key);
    if (met !== undefined) {
      met.scope = mergeScopes(met.scope, message.scope);
      met.again = true;
      return "already-running";
    }
    const running: RunningTarget = { scope: message.scope, again: false };
    this.#running.set(key, running);
    let chain = message.chain;
    const handOver = async (memory: Memory) => {
      if (handedOver === "done") return;
      const next = { ...message, chain: this.#newChain(), scope: running.scope, memory };
      await this.#send(next, timeBudgetMs);
      chain = next.chain;
      await history.keepChain(target, { chain, scope: running.scope });
      handedOver = "done";
    };
    const look = async (memory: Memory): Promise<ConvergeResult> => {
      try {
        return await converge(
          { target, policy, scope: () => running.scope, memory, deadline, beforeWork: handOver },
          { cluster, vault, clock, log },
        );
      } catch (error) {
        if (error instanceof HandOverFailed) throw error;
        return this.#unexpected(key, memory, error);
      }
    };
    try {
      let result = await look(message.memory);
      while (running.again && clock.now() < deadline) {
        running.again = false;
        result = await look(result.memory);
      }
      const mine = handedOver === "done";
      // A wait that another chain already looks after needs no second one (the timer comes by every 15 minutes).
      if (result.next.kind === "end" || mine || !(await this.#isOlder(message)))
        await this.#goOn({ ...message, chain, scope: running.scope }, result);
      return summary(key, result);
    } finally {
      this.#running.delete(key);
    }
  }

  /** A defect of ours in one target must hold up no other: it is named, and tried again less and less often. */
  #unexpected(target: string, memory: Memory, error: unknown): ConvergeResult {
    const kind = error instanceof Error ? error.name : typeof error;
    // The text of an unknown error could hold an SDK's answer; where it was thrown cannot.
    const at =
      error instanceof Error
        ? error.stack
            ?.split("\n")
            .find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
            ?.trim()
        : undefined;
    this.#ports.log.error("outcome", {
      target,
      class: "*",
      outcome: "failed",
      reason: "unexpected",
      about: [kind, at ?? ""],
    });
    const outcome: Outcome = { kind: "failed", reason: "unexpected", about: [kind] };
    return { outcomes: new Map([["*", outcome]]), next: { kind: "later", atLeastMs: 60_000 }, memory };
  }

  /** Ends the chain, or sends its next message; the one that was handed over before the work gives way to it. */
  async #goOn(message: TargetMessage, result: ConvergeResult): Promise<void> {
    const { history, clock } = this.#ports;
    if (result.next.kind === "end") {
      // What only trying finds out (a patch that is rejected) the message that was handed over would try again.
      if (isProven(result)) await history.endChain(message.target, message.chain);
      else
        await history.keepChain(message.target, { chain: endedChain(clock.now(), clock.id()), scope: message.scope });
      return;
    }
    const delayMs = delayOf(result.next, message.memory.delayMs, result.outcomes);
    const next = { ...message, chain: this.#newChain(), memory: { ...result.memory, delayMs } };
    await this.#send(next, delayMs);
    await history.keepChain(message.target, { chain: next.chain, scope: next.scope });
  }

  #newChain(): string {
    return newChain(this.#ports.clock.now(), this.#ports.clock.id());
  }

  /** Throws HandOverFailed only. */
  async #send(message: TargetMessage, delayMs: number): Promise<void> {
    try {
      await this.#ports.queue.send(message, delayMs);
    } catch (error) {
      throw new HandOverFailed(message.target, error);
    }
  }
}

/** The one failure that a handler passes on, so that the host gives the message again. */
export class HandOverFailed extends Error {
  override readonly name = "HandOverFailed";

  constructor(target: Target, cause: unknown) {
    super(
      `Could not hand ${targetKey(target)} over to the queue: ${cause instanceof RemoteProblem ? cause.message : "unexpected"}`,
    );
  }
}

const searchAgainMs = 15_000;

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

function summary(target: string, result: ConvergeResult): TargetResult {
  const worst = worstOf([...result.outcomes.values()]);
  return { target, outcome: worst.kind, reason: worst.kind === "converged" ? undefined : worst.reason };
}

function worstOf(outcomes: readonly Outcome[]): Outcome {
  const rank = { failed: 0, refused: 1, waiting: 2, converged: 3 } as const;
  return [...outcomes].sort((a, b) => rank[a.kind] - rank[b.kind])[0] ?? { kind: "converged", idle: true };
}

/** Every target to its end; then the first failure (a hand-over, or a defect) fails the message, so that it comes again. */
function settledResults(
  results: readonly PromiseSettledResult<TargetResult | "already-running">[],
): readonly TargetResult[] {
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.flatMap((result) =>
    result.status === "fulfilled" && result.value !== "already-running" ? [result.value] : [],
  );
}
