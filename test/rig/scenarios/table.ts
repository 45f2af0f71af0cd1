/** The table of scenarios and modes. */

import type { Mode, Scenario } from "./scenario.ts";
import { modeName } from "./scenario.ts";

export interface Result {
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly ms: number;
  /** Undefined where it holds. */
  readonly error: unknown;
  /** What the scenario has to say beside that it holds. */
  readonly notes: readonly string[];
}

/** One line a scenario, one column a mode: seconds where it holds, FAILED where not, `-` where it means nothing. */
export function table(
  scenarios: readonly Scenario[],
  modes: readonly Mode[],
  results: readonly Result[],
): readonly string[] {
  const rows = scenarios.map((scenario) => [
    scenario.id,
    scenario.title,
    ...modes.map((mode) => {
      const result = results.find((one) => one.scenario === scenario && one.mode === mode);
      if (result === undefined) return "-";
      return result.error === undefined ? `${(result.ms / 1000).toFixed(0)} s` : "FAILED";
    }),
  ]);
  const all = [["", "scenario", ...modes.map(modeName)], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
