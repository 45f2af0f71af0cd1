/** The raw data and the document, in the folder `docs`. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { notMeasured, withMeasured } from "./document.ts";
import { type Results, rotationsSchema, vaultRequestsSchema } from "./results.ts";
import { measured } from "./tables.ts";

/** Undefined before the first run. */
export async function readResults(docs: string): Promise<Results | undefined> {
  const [rotations, vaultRequests] = await Promise.all([read(docs, "rotations"), read(docs, "vault-requests")]);
  if (rotations === undefined && vaultRequests === undefined) return undefined;
  return {
    rotations: rotationsSchema.parse(JSON.parse(rotations ?? "")),
    vaultRequests: vaultRequestsSchema.parse(JSON.parse(vaultRequests ?? "")),
  };
}

export async function writeRaw(docs: string, { rotations, vaultRequests }: Results): Promise<void> {
  await mkdir(join(docs, "compare"), { recursive: true });
  await writeFile(pathOf(docs, "rotations"), jsonLines(rotations));
  await writeFile(pathOf(docs, "vault-requests"), jsonLines(vaultRequests));
}

/** Replaces the measured part of compare.md. */
export async function writeTables(docs: string, results: Results): Promise<void> {
  const path = join(docs, "compare.md");
  await writeFile(path, documentWith(await readFile(path, "utf8"), results));
}

export function documentWith(document: string, results: Results | undefined): string {
  return withMeasured(document, results === undefined ? notMeasured : measured(results));
}

function pathOf(docs: string, name: string): string {
  return join(docs, "compare", `${name}.json`);
}

function read(docs: string, name: string): Promise<string | undefined> {
  return readFile(pathOf(docs, name), "utf8").catch(() => undefined);
}

/** One line for each entry of a list, so that two runs can be compared line by line. */
function jsonLines(value: object): string {
  const parts = Object.entries(value).map(([key, item]) => {
    if (!Array.isArray(item)) return `${JSON.stringify(key)}: ${JSON.stringify(item)}`;
    return `${JSON.stringify(key)}: [\n${item.map((one: unknown) => `  ${JSON.stringify(one)}`).join(",\n")}\n]`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}
