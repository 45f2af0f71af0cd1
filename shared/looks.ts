/** The looks of one run: gather, plan, and get what the plan lacks until it lacks nothing. */

import type { ByHand } from "./core/by-hand.ts";
import type { Memory } from "./core/memory.ts";
import type { Scope } from "./core/message.ts";
import type { Observed } from "./core/observed.ts";
import { isEnough, withoutProofs } from "./core/plan/glance.ts";
import { plan } from "./core/plan/plan.ts";
import type { Plan, StepProblem, VaultReading } from "./core/plan/plan-types.ts";
import type { TargetPolicy } from "./core/policy.ts";
import type { ProviderClass } from "./core/provider-class.ts";
import type { Target } from "./core/target.ts";
import { gatherVault } from "./gather-vault.ts";
import { fetchNeeds, forgetUnsure, gatherCluster, noFacts, viewOf } from "./gather.ts";
import type { Facts } from "./gather.ts";
import type { Clock, Cluster, History, Vault } from "./ports.ts";
import { RevertedNotes } from "./reverted-notes.ts";

export interface LookPorts {
  readonly cluster: Cluster;
  readonly vault: Vault;
  readonly history: Pick<History, "reverted" | "keepReverted">;
  readonly clock: Clock;
}

export interface LookSubject {
  readonly target: Target;
  readonly policy: TargetPolicy;
  /** Asked at every look; see `PlanInput.byHand`. */
  readonly byHand?: () => ByHand | undefined;
  readonly memory: Memory;
  /** What went wrong with steps of this run so far; it grows. */
  readonly problems: ReadonlyMap<string, StepProblem>;
}

export interface Seen {
  readonly scope: Scope;
  readonly classes: readonly ProviderClass[];
  readonly reading: VaultReading;
}

const mostRoundsOfNeeds = 8;

export class Looks {
  /** As the last look left it, and whoever carried out its steps. */
  memory: Memory;
  readonly #subject: LookSubject;
  readonly #ports: LookPorts;
  readonly #facts: Facts = noFacts();
  readonly #notes: RevertedNotes;
  #reading: VaultReading | undefined;
  #classes: readonly ProviderClass[] = [];
  #readScope: Scope | undefined;
  /** Classes that the last look proved. */
  #proven: ReadonlySet<string> = new Set();

  constructor(subject: LookSubject, ports: LookPorts) {
    this.#subject = subject;
    this.#ports = ports;
    this.memory = subject.memory;
    this.#notes = new RevertedNotes(subject.target, ports.history);
  }

  /** What the last look saw; undefined before there was one with the vault's answers. */
  get seen(): Seen | undefined {
    const [scope, reading] = [this.#readScope, this.#reading];
    return scope === undefined || reading === undefined ? undefined : { scope, classes: this.#classes, reading };
  }

  /** What the last look saw of restarts, for other runs to know. */
  keepNotes(): Promise<void> {
    return this.#notes.keep(this.memory.reverted);
  }

  /**
   * One look: the cluster, then (where it must be fresh) the vault, then the plan with all the facts it asks for. Throws
   * what the cluster's port does.
   */
  async look(scope: Scope): Promise<Plan> {
    const decided = await this.#look(scope);
    this.memory = decided.memory;
    return decided;
  }

  async #look(scope: Scope): Promise<Plan> {
    const { cluster, vault, clock } = this.#ports;
    const { target, policy } = this.#subject;
    const gathering = gatherCluster(cluster, target, scope, policy, () => clock.now());
    const [observed] = await Promise.all([gathering, this.#notes.asked ? undefined : this.#recall()]);
    this.#classes = observed.classes;
    forgetUnsure(this.#facts);
    const known = this.#reading;
    // What a glance found missing in the cluster need not be read again for the plan that follows it.
    const further = { observed };
    if (known !== undefined && this.#readScope === scope) {
      const glance = await this.#planWithFacts(further, scope, known);
      if (isEnough(glance)) return withoutProofs(glance);
    }
    const reading = await gatherVault(vault, observed, scope, policy, known);
    this.#reading = reading;
    this.#readScope = scope;
    const decided = await this.#planWithFacts(further, scope, reading);
    const sure = (await this.#othersSaw(decided)) ? await this.#planWithFacts(further, scope, reading) : decided;
    this.#proven = provenIn(sure);
    return sure;
  }

  /** Before a class is said to be converged, and before the end: has another run seen what this one did not know? */
  async #othersSaw(decided: Plan): Promise<boolean> {
    const proven = provenIn(decided);
    const isEnd = decided.next.kind !== "soon" && proven.size > 0;
    return (isEnd || [...proven].some((name) => !this.#proven.has(name))) && this.#recall();
  }

  /** Answers whether another run has seen what this one did not know. */
  async #recall(): Promise<boolean> {
    const { reverted, isNew } = await this.#notes.recall(this.memory.reverted);
    this.memory = { ...this.memory, reverted };
    return isNew;
  }

  /** Completes the observation with the lists that the plan asks for. */
  async #planWithFacts(seen: { observed: Observed }, scope: Scope, reading: VaultReading): Promise<Plan> {
    const { policy, byHand, problems } = this.#subject;
    for (let round = 0; ; round += 1) {
      const input = {
        observed: seen.observed,
        vault: viewOf(reading, this.#facts),
        policy,
        scope,
        byHand: byHand?.(),
        memory: this.memory,
        problems,
        now: this.#ports.clock.now(),
      };
      const decided = plan(input);
      if (decided.needs.length === 0) return decided;
      if (round >= mostRoundsOfNeeds) throw new Error("A plan keeps asking for facts that it has been given.");
      seen.observed = await fetchNeeds(decided.needs, seen.observed, this.#facts, this.#ports);
    }
  }
}

function provenIn({ outcomes }: Plan): ReadonlySet<string> {
  return new Set([...outcomes].flatMap(([name, { kind }]) => (kind === "converged" ? [name] : [])));
}
