/** Tells a run's log what has changed since the last look, so that a log reads as a timeline. */

import { describe } from "./core/plan/describe-step.ts";
import type { Step, Warning } from "./core/plan/plan-types.ts";
import type { Outcome } from "./core/reasons.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import type { Log } from "./ports.ts";

export class Narrator {
  readonly #target: string;
  readonly #log: Log;
  readonly #said = new Map<string, string>();

  constructor(target: Target, log: Log) {
    this.#target = targetKey(target);
    this.#log = log;
  }

  done(step: Step): void {
    const because = step.kind === "restart" ? step.because : undefined;
    this.#log.info("step", { target: this.#target, step: describe(step), because });
  }

  /** Each warning once a run. */
  warnings(warnings: readonly Warning[]): void {
    for (const { object, version, problem } of warnings) {
      if (this.#isNew(`warning ${object}@${version}`, problem))
        this.#log.warn("version-dates", { target: this.#target, object, version, problem });
    }
  }

  outcomes(outcomes: ReadonlyMap<string, Outcome>): void {
    for (const [name, outcome] of outcomes) {
      const reason = outcome.kind === "converged" ? undefined : outcome.reason;
      const about = outcome.kind === "converged" ? [] : outcome.about;
      if (!this.#isNew(name, `${outcome.kind} ${reason ?? ""} ${about.join(" ")}`)) continue;
      const level = outcome.kind === "failed" ? "error" : outcome.kind === "refused" ? "warn" : "info";
      this.#log[level]("outcome", { target: this.#target, class: name, outcome: outcome.kind, reason, about });
    }
  }

  #isNew(key: string, text: string): boolean {
    if (this.#said.get(key) === text) return false;
    this.#said.set(key, text);
    return true;
  }
}
