/** What is wrong with a file that a person gave, where, and how to mend it. Never what the file holds. */

export interface FileProblem {
  readonly file: string;
  /** Where in it: `line 3`, `attributes.created`; empty for the whole file. */
  readonly path: string;
  readonly problem: string;
  readonly mend: string;
}

/** One line each. */
export function fileProblemsText(problems: readonly FileProblem[]): string {
  return problems
    .map(({ file, path, problem, mend }) => `${path === "" ? file : `${file}, ${path}`}: ${problem} ${mend}\n`)
    .join("");
}
