/** The schema library's issues in our own sentences. */

import type * as z from "zod";
import { didYouMean } from "../did-you-mean.ts";
import type { Finding, Path } from "./loose.ts";
import { jsonSchema } from "./schema.ts";
import { splitSentence } from "./sentence.ts";
import { printable } from "../printable.ts";

/** `key` is set where the key itself is wrong, so that it is pointed at and not its value. */
export interface SchemaFinding extends Finding {
  readonly key?: string;
}

/** In: zod's issues and the value they are about. */
export function schemaFindings(issues: readonly z.core.$ZodIssue[], value: unknown): readonly SchemaFinding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key));
    const found = at(value, path);
    const own = splitSentence(issue.message);
    if (own !== undefined && found !== undefined) return [{ path, ...own }];
    if (found === undefined && issue.code !== "custom") {
      return [{ path, problem: "It is missing.", mend: `Add ${String(path.at(-1) ?? "content")}.` }];
    }
    if (issue.code === "invalid_type") return [{ path, ...wrongType(issue.expected, found) }];
    if (issue.code === "invalid_value") {
      return [{ path, problem: "Not one of the known words.", mend: oneOf(found, issue.values.map(String)) }];
    }
    return [{ path, ...(own ?? { problem: "Not allowed here.", mend: issue.message }) }];
  });
}

function unknownKey(path: Path, key: string): SchemaFinding {
  const known = knownKeys(path);
  const near = didYouMean(key, known);
  const mend = near === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return { path: [...path, printable(key, 40)], key, problem: "Unknown key.", mend };
}

function wrongType(expected: string, found: unknown): { readonly problem: string; readonly mend: string } {
  if (found === null) return { problem: "It is empty.", mend: "Give it a value or remove it." };
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean")) {
    return { problem: "YAML reads this as another type than text.", mend: "Put it in quotes." };
  }
  return { problem: `Not ${kinds[expected] ?? expected}.`, mend: mends[expected] ?? "See docs/rotation-map.md." };
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

const mends: Readonly<Record<string, string>> = {
  string: "Write a single text.",
  boolean: "Write true or false.",
  array: "Write a list: one item a line, each after a hyphen.",
  object: "Write key: value pairs, indented below.",
};

function oneOf(found: unknown, values: readonly string[]): string {
  const near = typeof found === "string" ? didYouMean(found, values) : undefined;
  return near === undefined ? `Write one of ${values.join(", ")}.` : `Did you mean ${near}?`;
}

/** The keys that the schema knows at a path, read from its own JSON Schema. */
function knownKeys(path: Path): readonly string[] {
  let schema: unknown = jsonSchema();
  for (const segment of path) {
    schema = typeof segment === "number" ? at(schema, ["items"]) : at(schema, ["properties", segment]);
  }
  const properties = at(schema, ["properties"]);
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const segment of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, segment)) return undefined;
    found = Object.entries(found).find(([key]) => key === String(segment))?.[1];
  }
  return found;
}
