/**
 * Runs Azurite, whose script is the first argument, and ends when standard input does, hence with whoever started it: a
 * killed parent can end nothing. Then its folder, the working directory, goes too.
 */

import { rmSync } from "node:fs";
import { createRequire } from "node:module";

process.stdin.resume().on("end", () => {
  rmSync(process.cwd(), { recursive: true, force: true });
  process.exit(1);
});
// Azurite ends when nothing is left to do; listening for our parent is nothing.
process.stdin.unref();
// Azurite reads its flags from the place where they are when it is run by itself.
process.argv.splice(1, 1);
createRequire(import.meta.url)(process.argv[1] ?? "azurite");
