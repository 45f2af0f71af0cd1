/** Checks as a table holds them: mark and text. */

import type { Check } from "../../../shared/core/doctor/check.ts";

const marks = { ok: "✓", warning: "!", problem: "×" } as const;

export function said(checks: readonly Check[]): readonly string[] {
  return checks.map(({ grade, text }) => `${marks[grade]} ${text}`);
}

/** Every warning and problem says what to do. */
export function unmended(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ grade, mend }) => (grade === "ok") !== (mend === undefined)).map(({ text }) => text);
}
