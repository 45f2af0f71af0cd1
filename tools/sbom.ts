/**
 * `npm run --silent sbom`: the software bill of materials of the app, CycloneDX, on standard output. npm makes the list
 * of everything, and the lock file says what of it belongs to the app: `npm sbom --omit dev` (npm 11.19) leaves out
 * every package that a development dependency needs as well, `@azure/functions` among them.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { runtimePackages } from "./licences.ts";

const propertySchema = z.object({ name: z.string(), value: z.string() });

const sbomSchema = z.looseObject({
  components: z.array(
    z.looseObject({
      "bom-ref": z.string(),
      name: z.string(),
      version: z.string(),
      properties: z.array(propertySchema).optional(),
    }),
  ),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
});

export type Sbom = z.infer<typeof sbomSchema>;

export async function runtimeSbom(): Promise<Sbom> {
  const own = new Set((await runtimePackages()).map(({ name, version }) => `${name} ${version}`));
  const all = sbomSchema.parse(JSON.parse(npmSbom()));
  const isOwn = ({ name, version }: { readonly name: string; readonly version: string }) =>
    own.has(`${name} ${version}`);
  const gone = new Set(all.components.filter((one) => !isOwn(one)).map((one) => one["bom-ref"]));
  return {
    ...all,
    components: all.components.filter(isOwn).map(({ properties = [], ...component }) => ({
      ...component,
      // A package that is installed twice, once for development, would carry the mark of that copy.
      properties: properties.filter(({ name }) => name !== "cdx:npm:package:development"),
    })),
    dependencies: all.dependencies
      .filter(({ ref }) => !gone.has(ref))
      .map((entry) => ({ ...entry, dependsOn: (entry.dependsOn ?? []).filter((ref) => !gone.has(ref)) })),
  };
}

function npmSbom(): string {
  return execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
}

if (import.meta.main) console.log(JSON.stringify(await runtimeSbom(), null, 2));
