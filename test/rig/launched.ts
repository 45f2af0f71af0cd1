/** A program as a person starts it, in a process group and a temporary folder of its own, so that leftovers show. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { processesOf } from "./leftovers.ts";
import { until } from "./until.ts";

export interface Launched {
  readonly folder: string;
  output(): string;
  /** Throws, with all that it said, if it has ended. */
  check(): Promise<void>;
  /** Waits while it runs, long enough for a first build. */
  printed(text: string): Promise<void>;
  /** Waits for a process whose command line this finds, the oldest one; answers its id. */
  running(which: RegExp): Promise<number>;
  /** As a terminal does at ctrl-C. */
  interrupt(): void;
  /** Kills that process. */
  kill(which: RegExp): Promise<void>;
  /** The exit code; undefined where a signal ended it. */
  ended(): Promise<number | undefined>;
}

export interface Environment {
  readonly PATH?: string;
  readonly XDG_CACHE_HOME?: string;
}

/** Runs it for what `use` does with it; then nothing of it stays, whatever happened. */
export async function launched(
  [command = "", ...args]: readonly string[],
  environment: (folder: string) => Environment | Promise<Environment>,
  use: (program: Launched) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rig-test-"));
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    detached: true,
    // npm would keep compiled code in the temporary folder.
    env: {
      ...process.env,
      NO_COLOR: "1",
      NODE_DISABLE_COMPILE_CACHE: "1",
      TMPDIR: folder,
      ...(await environment(folder)),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await use(programOf(child, folder));
  } finally {
    for (const { pid } of await processesOf(folder)) signal(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function programOf(child: ChildProcess, folder: string): Launched {
  let output = "";
  let over = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  // Not "close": what it leaves behind may hold its output open.
  const exit = once(child, "exit").then(([code]: unknown[]) => {
    over = true;
    return typeof code === "number" ? code : undefined;
  });
  const program: Launched = {
    folder,
    output: () => output,
    check: async () => {
      if (over) throw new Error(`It ended too early. It said:\n${output}`);
    },
    printed: (text) => until(`"${text}"`, program, async () => output.includes(text), 30 * 60_000),
    running: async (which) => {
      let pid = 0;
      await until(`a process ${which.source}`, program, async () => {
        const found = (await processesOf(folder)).filter(({ command }) => which.test(command));
        pid = Math.min(...found.map((one) => one.pid));
        return found.length > 0;
      });
      return pid;
    },
    interrupt: () => signal(-(child.pid ?? 0), "SIGINT"),
    kill: async (which) => signal(await program.running(which), "SIGKILL"),
    ended: () => exit,
  };
  return program;
}

function signal(pid: number, name: "SIGINT" | "SIGKILL"): void {
  try {
    if (pid !== 0) process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** A PATH of the machine's programs without Go, in this folder. */
export async function pathWithoutGo(folder: string): Promise<string> {
  const path = join(folder, "bin");
  await mkdir(path);
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const name of ["cat", "mount", "rm", "setpriv", "sh", "unshare"]) {
    const from = folders.find((one) => existsSync(join(one, name)));
    if (from !== undefined) await symlink(join(from, name), join(path, name));
  }
  return path;
}
