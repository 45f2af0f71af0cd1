/** Packs the app as `func` would, into a folder of its own, for tests that run exactly what is deployed. */

import { cp, mkdir, mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../build.ts";
import { packedFiles } from "./func-pack.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** All files of the checkout, node_modules and git's own left out, as paths from the root. */
export async function checkoutFiles(): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && entry.name !== ".git" && path !== "dist") await walk(path);
      } else found.push(path);
    }
  };
  await walk("");
  return found;
}

/** A new temporary folder with a fresh build and everything else that is packed. The caller removes it. */
export async function packApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "packed-app-"));
  await build(join(folder, "dist"));
  const funcignore = await readFile(join(root, ".funcignore"), "utf8");
  for (const file of packedFiles(await checkoutFiles(), funcignore)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(root, file), join(folder, file));
  }
  return folder;
}
