/** What doctor found, for people: a mark, a sentence, and what to do. */

import { counted } from "../../shared/core/doctor/check.ts";
import type { Check, CheckGroup, Grade } from "../../shared/core/doctor/check.ts";
import { shown } from "../output.ts";
import type { Paint } from "../terminal.ts";

const marks: Readonly<Record<Grade, string>> = { ok: "✓", warning: "!", problem: "×" };

export function groupText({ title, checks }: CheckGroup, paint: Paint): string {
  const lines = checks.flatMap((check) => checkLines(check, paint));
  return `${paint.bold(shown(title))}\n${lines.join("\n")}\n\n`;
}

function checkLines({ grade, text, mend }: Check, paint: Paint): readonly string[] {
  const mark =
    grade === "problem" ? paint.bad(marks[grade]) : grade === "warning" ? paint.warn(marks[grade]) : marks[grade];
  const first = `  ${mark} ${shown(text, 1000)}`;
  return mend === undefined ? [first] : [first, `    ${paint.dim(shown(mend, 1000))}`];
}

export function summaryText(
  { problems, warnings }: { readonly problems: number; readonly warnings: number },
  paint: Paint,
): string {
  const words = [
    ...(problems > 0 ? [paint.bad(counted(problems, "problem"))] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  return words.length === 0 ? "All is as it must be.\n" : `${words.join(", ")}.\n`;
}
