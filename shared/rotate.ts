/**
 * One message of the queue `rotations`: find what it concerns, hand it over, then do the work.
 *
 * The message that goes on with a target is sent before any work on it starts, visible after the time budget. So a
 * crash at any point loses minutes at the most, and a handler fails only if it could not hand over.
 */

import { nextDelayMs } from "./core/back-off.ts";
import { untilNow } from "./core/by-hand.ts";
import type { ByHand } from "./core/by-hand.ts";
import { emptyMemory } from "./core/memory.ts";
import type { ObjectHint, TargetMessage } from "./core/message.ts";
import { claimsToBeTargetMessage, parseTargetMessage } from "./core/parse-message.ts";
import type { IgnoredReason } from "./core/reasons.ts";
import { mappedVault, policyFor } from "./core/rotation-map.ts";
import { readMessage } from "./core/secret-event.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import type { MessageResult } from "./bridge.ts";
import { Chains } from "./chains.ts";
import { findTargets, unsearchedOutcome, wholeCluster } from "./find-targets.ts";
import type { LookBook } from "./look-book.ts";
import type { WorkQueue } from "./ports.ts";
import { seats } from "./seats.ts";
import { TargetRuns } from "./target-runs.ts";
import type { RunPorts, TargetResult } from "./target-runs.ts";

export interface RotatePorts extends RunPorts {
  readonly queue: WorkQueue;
  /** From one look of the timer at everything of a target to the next. Default 6 hours. */
  readonly deepEveryMs?: number | undefined;
}

/** What events or a person ask for, wherever it is. */
interface Wanted {
  readonly hints: readonly ObjectHint[];
  readonly byHand: ByHand | undefined;
}

type Ignored = { readonly reason: IgnoredReason; readonly about: string };

const mostClustersAtOnce = 100;
/** A target that waits for its pods holds a few kilobytes; a later one is not written before one of these is done. */
const mostTargetsAtOnce = 2000;
/** The timer, within the seats that its looks have. */
const mostTimerTargetsAtOnce = 64;
const mostSendsAtOnce = 64;
const searchAgainMs = 15_000;

export class Rotation {
  readonly #ports: RotatePorts;
  readonly #chains: Chains;
  readonly #runs: TargetRuns;
  readonly #book: LookBook;
  readonly #sending = seats(mostSendsAtOnce);

  constructor(ports: RotatePorts, book: LookBook) {
    this.#ports = ports;
    this.#chains = new Chains(ports);
    this.#runs = new TargetRuns(ports, this.#chains, book);
    this.#book = book;
  }

  async onMessage(body: unknown): Promise<MessageResult> {
    const message = parseTargetMessage(body);
    if (message !== undefined) return this.#onTarget(this.#withPastWord(message));
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
    return this.#onHints({ hints, byHand: undefined }, dropped, [...this.#ports.clusters.keys()]);
  }

  /** Looks at targets of the timer: whatever is left to do is handed over and done, within `deadline`. */
  async lookAt(targets: readonly Target[], deadline: number): Promise<readonly TargetResult[]> {
    const results = await forEachBounded(targets, mostTimerTargetsAtOnce, (target) =>
      this.#runs.run(
        { ...this.#chains.begin(target, "all"), memory: this.#book.watched(target) },
        { deadline, byTimer: true },
      ),
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
    { hints, byHand }: Wanted,
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
      const message = this.#chains.begin({ cluster: name, namespace: wholeCluster }, hints, byHand);
      await this.#chains.send({ ...message, memory: { ...emptyMemory, delayMs: searchAgainMs } }, searchAgainMs);
      return [{ target: said.target, outcome: said.outcome, reason: said.reason }];
    }
    const joined = await Promise.all(
      targets.map((target) => this.#sending.take(() => this.#chains.join(this.#chains.begin(target, hints, byHand)))),
    );
    // All are on their way to the queue at once; each target's work starts its reading meanwhile, and no step of it
    // is taken before its own message is there.
    const work = joined.map((message) => ({
      message,
      handedOver: this.#sending.take(() => this.#chains.send(message, timeBudgetMs)),
    }));
    const handOvers = Promise.allSettled(work.map(({ handedOver }) => handedOver));
    const results = await forEachBounded(work, mostTargetsAtOnce, ({ message, handedOver }) =>
      this.#runs.run(message, { deadline, handedOver }),
    );
    fulfilled(await handOvers);
    return fulfilled(results);
  }

  #withPastWord(message: TargetMessage): TargetMessage {
    const { byHand } = message;
    return byHand === undefined ? message : { ...message, byHand: untilNow(byHand, this.#ports.clock.now()) };
  }

  async #onTarget(message: TargetMessage): Promise<MessageResult> {
    const { clock, timeBudgetMs, clusters } = this.#ports;
    const about = targetKey(message.target);
    if (message.target.namespace === wholeCluster) return this.#onSearch(message);
    if (!clusters.has(message.target.cluster) || policyFor(this.#ports.map, message.target) === undefined) {
      return { ignored: [{ reason: "not-mapped", about }], targets: [] };
    }
    const resumed = await this.#chains.resume(message);
    if (resumed === undefined) return { ignored: [{ reason: "older-chain", about }], targets: [] };
    const result = await this.#runs.run(resumed, { deadline: clock.now() + timeBudgetMs });
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
    return this.#onHints({ hints: message.scope, byHand: message.byHand }, [], [message.target.cluster]);
  }
}

/** Everything to its end; then the first failure (a hand-over, or a defect) fails the message, so that it comes again. */
function fulfilled<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
