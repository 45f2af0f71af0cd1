/** docs/compare.md: text by people, and between two markers what the program measured. Pure. */

const begin = "<!-- measured: written by npm run compare, do not edit -->";
const end = "<!-- /measured -->";

/** The document with other lines between its markers. Throws where it has not exactly one pair. */
export function withMeasured(document: string, lines: readonly string[]): string {
  const [before, inside, ...more] = document.split(begin);
  const [, after, ...rest] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length + rest.length > 0)
    throw new Error(`The document needs these two lines once: ${begin} and ${end}`);
  return `${before}${begin}\n\n${lines.join("\n")}\n\n${end}${after}`;
}

/** What stands there before the first run. */
export const notMeasured: readonly string[] = ["Not measured yet: `npm run compare`."];
