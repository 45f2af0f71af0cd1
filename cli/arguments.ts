/** Options of a command line, all that is wrong with them at once. */

import { parseArgs } from "node:util";
import { didYouMean } from "../shared/core/did-you-mean.ts";
import { goParseBool } from "../shared/core/go/text.ts";
import { printable } from "../shared/core/printable.ts";

export interface OptionTable {
  /** Options with a value: `--name x` or `--name=x`. */
  readonly texts: readonly string[];
  /** Switches as Go's programs take them: `--name`, `--name=false`. */
  readonly flags: readonly string[];
  /** Those of `texts` that must be there. */
  readonly required: readonly string[];
}

export interface Arguments {
  readonly texts: ReadonlyMap<string, string>;
  readonly flags: ReadonlyMap<string, boolean>;
  /** One sentence each; with any of these the rest is of no use. */
  readonly problems: readonly string[];
}

export function readArguments(args: readonly string[], table: OptionTable): Arguments {
  const texts = new Map<string, string>();
  const flags = new Map<string, boolean>();
  const problems: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(table.texts.map((name) => [name, { type: "string" }] as const)),
      ...Object.fromEntries(table.flags.map((name) => [name, { type: "boolean" }] as const)),
    },
    // Strict would throw at the first problem.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  let unknown: number | undefined;
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      // What follows an unknown option is probably its value.
      if (token.index - 1 !== unknown) problems.push(`${shown(token.value)} is not the value of an option.`);
      continue;
    }
    const { name, rawName, value, inlineValue } = token;
    if (texts.has(name) || flags.has(name)) problems.push(`${rawName} is given twice.`);
    if (table.texts.includes(name)) {
      const missing = value === undefined || value === "" || (!inlineValue && value.startsWith("-"));
      if (missing) problems.push(`${rawName} needs a value.`);
      texts.set(name, value ?? "");
    } else if (table.flags.includes(name)) {
      const on = value === undefined ? true : goParseBool(value);
      if (on === undefined) problems.push(`${rawName} is on or off: write ${rawName} or ${rawName}=false.`);
      flags.set(name, on ?? false);
    } else {
      unknown = token.index;
      problems.push(unknownOption(rawName, table));
    }
  }
  for (const name of table.required) if (!texts.has(name)) problems.push(`--${name} is missing.`);
  return { texts, flags, problems: [...new Set(problems)] };
}

function unknownOption(rawName: string, { texts, flags }: OptionTable): string {
  const near = didYouMean(rawName.replace(/^-+/, ""), [...texts, ...flags]);
  return `There is no option ${shown(rawName)}.${near === undefined ? "" : ` Did you mean --${near}?`}`;
}

function shown(text: string): string {
  return JSON.stringify(printable(text));
}
