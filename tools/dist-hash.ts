/** `npm run hash`: one SHA-256 over everything in dist/, names and bytes. Two builds of one commit print the same. */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Of all files under `folder`, in the order of their names. */
export async function hashFolder(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    // A folder is not read: the files in it carry its name.
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

if (import.meta.main) console.log(await hashFolder(fileURLToPath(new URL("../dist", import.meta.url))));
