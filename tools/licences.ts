/** `npm run licences`: writes docs/licences.md, the packages that the app is built from, as package-lock.json has them. */

import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";

const lockFile = new URL("../package-lock.json", import.meta.url);
const page = new URL("../docs/licences.md", import.meta.url);

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

/** Every package that is installed without development dependencies, by name and version. */
export async function runtimePackages(): Promise<readonly Licensed[]> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(lockFile, "utf8")));
  const rows = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && dev !== true && devOptional !== true)
    .map(([path, { version, license }]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version: version ?? "",
      licence: license ?? "not stated",
    }));
  const byText = new Map(rows.map((row) => [`${row.name} ${row.version}`, row]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

export function licencesPage(packages: readonly Licensed[]): string {
  const rows = packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return `${["# Licences of what the app is built from", "", note, "", "| package | version | licence |", "|---|---|---|", ...rows].join("\n")}\n`;
}

const note =
  "Made by `npm run licences` from package-lock.json: every package that is installed without development dependencies. " +
  "The bundle in `dist/` holds code of most of them. `npm run --silent sbom` prints them as CycloneDX, for what is installed.";

if (import.meta.main) await writeFile(page, licencesPage(await runtimePackages()));
