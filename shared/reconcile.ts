/**
 * What no event brought. A pass of the timer compares what the vaults list and the class index shows with what this
 * process noted at its own looks, and looks closely only where something is new, unproven, unfinished or due. It acts
 * through the same `converge`, so what is right stays untouched. Costs: docs/reconcile.md.
 */

import type { ReconcileResult } from "./bridge.ts";
import { policyFor } from "./core/rotation-map.ts";
import { lookReasons, neededLooks } from "./core/reconcile/needed-looks.ts";
import type { IndexedTarget, LookReason, NeededLook } from "./core/reconcile/needed-looks.ts";
import { classesStamp, followedObjects } from "./core/reconcile/seen-target.ts";
import { spreadOver } from "./core/reconcile/spread.ts";
import { targetKey } from "./core/target.ts";
import type { VaultObject } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import { allTargets, unsearchedOutcome } from "./find-targets.ts";
import type { MappedTarget } from "./find-targets.ts";
import type { LookBook } from "./look-book.ts";
import type { Rotation, RotatePorts } from "./rotate.ts";
import { VaultDates } from "./vault-dates.ts";

const defaultDeepEveryMs = 6 * 3_600_000;
/** Of the default schedule. A slower one is told by the passes themselves. */
const shortestPassMs = 15 * 60_000;
/** So many looks a pass takes itself; what is more it spreads over messages. */
const looksAtOnce = 32;
const sendsAtOnce = 16;

export class Reconciler {
  readonly #rotation: Rotation;
  readonly #book: LookBook;
  readonly #ports: RotatePorts;
  readonly #dates: VaultDates;
  #running: Promise<ReconcileResult> | undefined;
  #begunAt = 0;
  /** The shortest time between two passes so far: the timer's period, whatever passes were missed. */
  #passMs = Number.POSITIVE_INFINITY;

  constructor(rotation: Rotation, book: LookBook, ports: RotatePorts) {
    this.#rotation = rotation;
    this.#book = book;
    this.#ports = ports;
    this.#dates = new VaultDates(ports.vault, ports.clock);
  }

  /** One pass. A second call while one runs waits for it. Throws HandOverFailed, when all the rest is done. */
  pass(): Promise<ReconcileResult> {
    this.#running ??= this.#pass().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Has a pass begun since then? What was asked for at that time is done. */
  hasBegunSince(at: number): boolean {
    return this.#begunAt >= at;
  }

  async #pass(): Promise<ReconcileResult> {
    const { map, clusters, clock, log, deepEveryMs = defaultDeepEveryMs, timeBudgetMs } = this.#ports;
    const now = clock.now();
    if (this.#begunAt > 0) this.#passMs = Math.min(this.#passMs, Math.max(shortestPassMs, now - this.#begunAt));
    this.#begunAt = now;
    const found = await allTargets(map, clusters);
    for (const { cluster, problem } of found.unsearched) log.warn("outcome", unsearchedOutcome(cluster, problem));
    const { targets, objects } = this.#indexed(found.targets);
    this.#forget(found);
    const dates = await this.#dates.read(objects.values());
    const plan = neededLooks({
      targets,
      listed: dates.stamps,
      held: new Set([...dates.troubled].filter(([, problem]) => problem === "throttled").map(([vault]) => vault)),
      notes: this.#book.notes,
      now: clock.now(),
      deepEveryMs,
      passMs: Number.isFinite(this.#passMs) ? this.#passMs : shortestPassMs,
    });
    const atOnce = deepEveryMs === 0 ? plan.looks.length : looksAtOnce;
    const inline = plan.looks.slice(0, atOnce);
    for (const look of inline) this.#book.asked(look, clock.now());
    const sent = await this.#handOver(plan.looks.slice(atOnce));
    const results = await this.#rotation.lookAt(
      inline.map(({ target }) => target),
      now + timeBudgetMs,
    );
    const result: ReconcileResult = {
      targets: targets.length,
      looked: inline.length,
      handedOver: sent.filter(({ status }) => status === "fulfilled").length,
      waiting: results.filter(({ outcome }) => outcome === "waiting").length,
      why: countsOf(plan.looks),
      left: plan.left,
      backingOff: plan.backingOff,
      held: plan.held,
      troubledVaults: [...dates.troubled].map(([vault, problem]) => `${vault}: ${problem}`).sort(),
      vaultRequests: dates.requests,
      clusterRequests: clusters.size,
    };
    const { why, ...counts } = result;
    log.info("reconciled", { ...counts, ...why });
    for (const one of sent) if (one.status === "rejected") throw one.reason;
    return result;
  }

  /** The targets as the index shows them, and all that their classes follow. */
  #indexed(found: readonly MappedTarget[]) {
    const objects = new Map<string, VaultObject>();
    const targets: IndexedTarget[] = [];
    for (const { target, classes } of found) {
      const policy = policyFor(this.#ports.map, target);
      if (policy === undefined) continue;
      const followed = followedObjects(classes, policy);
      for (const [name, object] of followed) objects.set(name, object);
      const vaults = new Set([...followed.values()].map(({ vault }) => vault.toLowerCase()));
      targets.push({ target, classes: classesStamp(classes), objects: [...followed.keys()], vaults });
    }
    return { targets, objects };
  }

  /** What is no target any more; a cluster that did not answer keeps its own. */
  #forget({ targets, unsearched }: Awaited<ReturnType<typeof allTargets>>): void {
    const searched = new Set(this.#ports.clusters.keys());
    for (const { cluster } of unsearched) searched.delete(cluster);
    this.#book.keepOnly(searched, new Set(targets.map(({ target }) => targetKey(target))));
  }

  /** A look that can't be handed over is not noted, so the next pass finds it again. */
  #handOver(looks: readonly NeededLook[]): Promise<readonly PromiseSettledResult<void>[]> {
    const { clock } = this.#ports;
    return forEachBounded(spreadOver(looks, clock.now()), sendsAtOnce, async ({ look, delayMs }) => {
      await this.#rotation.lookLater(look.target, delayMs);
      this.#book.asked(look, clock.now() + delayMs);
    });
  }
}

function countsOf(looks: readonly NeededLook[]): Readonly<Record<LookReason, number>> {
  const count = (why: LookReason) => looks.filter((look) => look.why === why).length;
  const [newer, changed, unfinished, unproven, deep] = lookReasons.map(count);
  return {
    "newer-version": newer ?? 0,
    "class-changed": changed ?? 0,
    unfinished: unfinished ?? 0,
    unproven: unproven ?? 0,
    deep: deep ?? 0,
  };
}
