/** The demo's temporary folder. It holds tokens and a log, so it goes also where the demo is killed. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DemoFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function makeFolder(): Promise<DemoFolder> {
  const path = await mkdtemp(join(tmpdir(), "rotation-bridge-demo-"));
  // A shell outlives us, in a session that ctrl-C does not reach. Its input ends when we do, by whatever way.
  const shell = spawn("sh", ["-c", 'cat > /dev/null; rm -rf -- "$1"', "sh", path], {
    cwd: tmpdir(),
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Where there is no shell, an orderly end removes the folder all the same.
  const gone = once(shell, "exit").catch(() => undefined);
  shell.stdin.on("error", () => undefined);
  return {
    path,
    remove: async () => {
      shell.stdin.end();
      await gone;
      await rm(path, { recursive: true, force: true });
    },
  };
}
