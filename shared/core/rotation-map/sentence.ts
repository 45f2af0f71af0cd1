/** A problem and its mend, carried through the schema library, whose errors are one text each. */

const separator = "\u001f";

export interface Sentence {
  readonly problem: string;
  readonly mend: string;
}

export function sentence(problem: string, mend: string): string {
  return problem + separator + mend;
}

/** The pair, or undefined if the text is the library's own. */
export function splitSentence(text: string): Sentence | undefined {
  const [problem, mend] = text.split(separator);
  return problem === undefined || mend === undefined ? undefined : { problem, mend };
}
