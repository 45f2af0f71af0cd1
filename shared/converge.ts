/**
 * Converges one target: gather, plan, act, until every class is proven, refused, failed, or the time is up.
 *
 * Every look reads the cluster and the vault anew; an answer of the
 * vault may be used again for looking, never for acting and never for ending.
 */

import type { ByHand } from "./core/by-hand.ts";
import type { Memory } from "./core/memory.ts";
import type { Scope } from "./core/message.ts";
import type { Next, Step, StepProblem } from "./core/plan/plan-types.ts";
import { recordDone } from "./core/plan/record.ts";
import type { TargetPolicy } from "./core/policy.ts";
import type { Outcome } from "./core/reasons.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import type { Target } from "./core/target.ts";
import { act } from "./act.ts";
import { Looks } from "./looks.ts";
import type { LookPorts, Seen } from "./looks.ts";
import { Narrator } from "./narrator.ts";
import type { Log } from "./ports.ts";
import type { Seats } from "./seats.ts";

export interface ConvergePorts extends LookPorts {
  readonly log: Log;
  /** One is held for a look and its steps, not while pods are waited for: bounds what all targets together hold. */
  readonly seats: Seats;
}

export interface ConvergeRequest {
  readonly target: Target;
  readonly policy: TargetPolicy;
  /** Asked at every look: a message that meets a running target widens it. */
  readonly scope: () => Scope;
  /** Likewise; see `PlanInput.byHand`. */
  readonly byHand?: () => ByHand | undefined;
  readonly memory: Memory;
  /** When the run must end, in milliseconds since 1970. */
  readonly deadline: number;
  /** Called once, before the first step or wait: the place to hand over. What it throws ends the run. */
  readonly beforeWork: (memory: Memory) => Promise<void>;
}

export interface ConvergeResult {
  /** By class; `*` for what concerns the whole target. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly next: Next;
  readonly memory: Memory;
  /** What the last look saw; undefined where the cluster could not be read. */
  readonly seen: Seen | undefined;
}

/** A guard against a plan that never settles: no honest run looks more often within its time budget. */
const mostLooks = 2000;
const mostConflicts = 20;

export async function converge(request: ConvergeRequest, ports: ConvergePorts): Promise<ConvergeResult> {
  const run = new Run(request, ports);
  const asked = ports.clock.now();
  try {
    return await ports.seats.take(async () => {
      const waited = ports.clock.now() > asked;
      return waited && ports.clock.now() >= request.deadline ? run.cameTooLate() : run.untilDone();
    });
  } catch (error) {
    if (error instanceof RemoteProblem) return run.stoppedBy(error);
    throw error;
  }
}

class Run {
  readonly #request: ConvergeRequest;
  readonly #ports: ConvergePorts;
  readonly #problems = new Map<string, StepProblem>();
  readonly #narrator: Narrator;
  readonly #looks: Looks;
  #conflicts = 0;
  #handedOver = false;

  constructor(request: ConvergeRequest, ports: ConvergePorts) {
    this.#request = request;
    this.#ports = ports;
    this.#narrator = new Narrator(request.target, ports.log);
    this.#looks = new Looks({ ...request, problems: this.#problems }, ports);
  }

  async untilDone(): Promise<ConvergeResult> {
    const { clock, seats } = this.#ports;
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const decided = await this.#looks.look(this.#request.scope());
      this.#narrator.outcomes(decided.outcomes);
      await this.#looks.keepNotes();
      this.#narrator.warnings(decided.warnings);
      if (decided.steps.length > 0) {
        await this.#beforeWork();
        const conflicts = await this.#act(decided.steps);
        this.#conflicts = conflicts === 0 ? 0 : this.#conflicts + conflicts;
        if (this.#conflicts > mostConflicts) return this.#gaveUp("conflict", { kind: "later", atLeastMs: 15_000 });
      } else if (decided.next.kind !== "soon") {
        return this.#result(decided.outcomes, decided.next);
      } else {
        // Whoever came first did the work: from here on it is only watched.
        this.#conflicts = 0;
      }
      const wait = this.#conflicts > 0 ? 100 : decided.next.kind === "soon" ? decided.next.ms : 1000;
      if (clock.now() + wait >= this.#request.deadline) {
        return this.#result(decided.outcomes, { kind: "later", atLeastMs: Math.max(1000, wait) });
      }
      await this.#beforeWork();
      await seats.leaveFor(() => clock.sleep(wait));
      // Others had so much to look at that this one's turn came too late.
      if (clock.now() >= this.#request.deadline)
        return this.#result(decided.outcomes, { kind: "later", atLeastMs: 1000 });
    }
    return this.#gaveUp("conflict", { kind: "later", atLeastMs: 60_000 });
  }

  /** The cluster answers so slowly that the looks at other targets took all the time. */
  cameTooLate(): ConvergeResult {
    const about = ["No time was left for a look."];
    const outcomes = new Map<string, Outcome>([["*", { kind: "waiting", reason: "cluster-unreachable", about }]]);
    this.#narrator.outcomes(outcomes);
    return { outcomes, next: { kind: "later", atLeastMs: 1000 }, memory: this.#looks.memory, seen: undefined };
  }

  /** A call failed for good, or the cluster is out of reach: the whole target waits or is refused. */
  stoppedBy(problem: RemoteProblem): ConvergeResult {
    const noPermission = problem.kind === "forbidden" || problem.kind === "unauthorized";
    const outcome: Outcome = noPermission
      ? { kind: "refused", reason: "no-rbac", about: [problem.message] }
      : { kind: "waiting", reason: "cluster-unreachable", about: [problem.message] };
    const outcomes = new Map([["*", outcome]]);
    this.#narrator.outcomes(outcomes);
    const next: Next = { kind: "later", atLeastMs: noPermission ? 60_000 : 15_000 };
    return { outcomes, next, memory: this.#looks.memory, seen: undefined };
  }

  #result(outcomes: ReadonlyMap<string, Outcome>, next: Next): ConvergeResult {
    return { outcomes, next, memory: this.#looks.memory, seen: this.#looks.seen };
  }

  #gaveUp(reason: "conflict", next: Next): ConvergeResult {
    const outcomes = new Map<string, Outcome>([["*", { kind: "waiting", reason, about: [] }]]);
    this.#narrator.outcomes(outcomes);
    return { outcomes, next, memory: this.#looks.memory, seen: undefined };
  }

  async #beforeWork(): Promise<void> {
    if (this.#handedOver) return;
    await this.#request.beforeWork(this.#looks.memory);
    this.#handedOver = true;
  }

  /** Answers how many steps met a conflict. */
  async #act(steps: readonly Step[]): Promise<number> {
    const acted = await act(steps, this.#request.target, this.#ports);
    for (const { step, written } of acted.done) {
      this.#looks.memory = recordDone(this.#looks.memory, step, this.#ports.clock.now(), written);
      this.#narrator.done(step);
    }
    for (const [key, problem] of acted.problems) this.#problems.set(key, problem);
    if (acted.stopped !== undefined) throw acted.stopped;
    return acted.conflicts;
  }
}
