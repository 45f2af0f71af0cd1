/** The built app: the demo runs what is deployed, not the sources. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../build.ts";
import { DemoProblem } from "./problem.ts";

/** The folder of package.json and host.json. */
export const appFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Builds dist/ where it is missing or older than a source. Answers whether it did. */
export async function ensureBundle(): Promise<boolean> {
  const built = await changedAt("dist/main.mjs");
  if (built !== undefined && built > (await newestSource())) return false;
  try {
    await build();
  } catch {
    throw new DemoProblem("The app could not be built.", "See what is wrong with: npm run build");
  }
  return true;
}

async function newestSource(): Promise<number> {
  const folders = await Promise.all(
    ["functions", "shared"].map(async (folder) => {
      const entries = await readdir(join(appFolder, folder), { recursive: true });
      return entries.filter((entry) => entry.endsWith(".ts")).map((entry) => join(folder, entry));
    }),
  );
  const files = ["build.ts", "package-lock.json", ...folders.flat()];
  const times = await Promise.all(files.map(changedAt));
  return Math.max(...times.map((time) => time ?? 0));
}

async function changedAt(file: string): Promise<number | undefined> {
  return stat(join(appFolder, file)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
