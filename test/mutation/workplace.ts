/** A copy of the repository's sources in which the engine may be broken. */

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Mutation } from "./mutation.ts";

export interface Workplace {
  readonly folder: string;
  /** Breaks the engine; the answer mends it again. */
  mutate(mutation: Mutation): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

const left = new Set([".git", "node_modules", "dist", "coverage"]);

export async function makeWorkplace(root: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "rotation-bridge-mutation-"));
  await cp(root, folder, { recursive: true, filter: (path) => path === root || !left.has(basename(path)) });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    mutate: async (mutation) => {
      const path = join(folder, mutation.file);
      const text = await readFile(path, "utf8");
      await writeFile(path, mutated(text, mutation));
      return () => writeFile(path, text);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The broken text. Throws if the text to replace is not there exactly once: the list must follow the engine. */
export function mutated(text: string, { name, file, find, replace }: Mutation): string {
  const parts = text.split(find);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined)
    throw new Error(`${name}: its text is in ${file} ${parts.length - 1} times, not once:\n${find}`);
  return `${before}${replace}${after}`;
}
