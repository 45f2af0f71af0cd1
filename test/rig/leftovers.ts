/** What of a program is on this machine: by its temporary folder, which all that it starts names in its environment. */

import { readdir, readFile } from "node:fs/promises";

export interface Leftovers {
  /** Command lines. */
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly files: readonly string[];
}

export const nothing: Leftovers = { processes: [], mounts: [], files: [] };

export interface Found {
  readonly pid: number;
  readonly command: string;
}

/** Processes that have this temporary folder, in whatever namespace they are. */
export async function processesOf(folder: string): Promise<readonly Found[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const all = await Promise.all(
    pids.map(async (pid) => {
      const [environment, command] = await Promise.all([proc(pid, "environ"), proc(pid, "cmdline")]);
      const words = command.split("\0").join(" ").trim();
      return environment.includes(folder) || words.includes(folder) ? [{ pid, command: words }] : [];
    }),
  );
  return all.flat();
}

/** Mounts that name the folder, as this process sees them: those of the machine. */
export function mountsOf(folder: string, pid: number | "self" = "self"): Promise<readonly string[]> {
  return proc(pid, "mountinfo").then((text) => text.split("\n").filter((line) => line.includes(folder)));
}

/** What is left once nothing more goes, or after a minute. `own` are files of the test itself. */
export async function leftoversOf(folder: string, own: readonly string[] = []): Promise<Leftovers> {
  const end = Date.now() + 60_000;
  for (;;) {
    const [processes, mounts, files] = await Promise.all([processesOf(folder), mountsOf(folder), readdir(folder)]);
    const left = {
      processes: processes.map(({ command }) => command),
      mounts,
      files: files.filter((file) => !own.includes(file)),
    };
    if (Object.values(left).every((list) => list.length === 0) || Date.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Empty for what has ended meanwhile. */
function proc(pid: number | "self", file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}
