/**
 * Builds what is deployed: dist/main.mjs, which registers the functions in milliseconds, and beside it the chunks
 * that load at the first invocation. Two builds of the same sources give the same bytes. `node build.ts [folder]`.
 */

import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild, type Metafile } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Bundles `entry` into `outDir`, which is emptied first. `checkout` is the folder that both belong to. */
export async function build(
  outDir: string = resolve(root, "dist"),
  entry: string = resolve(root, "functions/index.ts"),
  checkout: string = root,
): Promise<Metafile> {
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await esbuild({
    // Names of chunks come from paths below this folder, so they do not depend on where it is.
    absWorkingDir: checkout,
    entryPoints: { main: entry },
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The worker injects this module by `require`; it exists nowhere else (docs/facts.md).
    external: ["@azure/functions-core"],
    // The CommonJS packages inside the bundle call `require`, which ES modules do not have.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    minify: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

if (import.meta.main) {
  const { outputs } = await build(process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
  for (const [path, { bytes }] of Object.entries(outputs)) console.log(`${path} ${Math.ceil(bytes / 1024)} KB`);
}
