/** Mount and PID namespaces of the rig's own: whatever happens to the launcher, no mount and no process outlives them. */

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { eventSchema, type KeeperOrder } from "./keeper-protocol.ts";
import { MissingNeed } from "./missing-need.ts";

export interface Process {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Namespace {
  /** Folder of the rig, gone with the namespace. Logs are `<name>.log` in it. */
  readonly folder: string;
  /** Resolves once the process runs. */
  start(process: Process): Promise<void>;
  /** Sends the signal and waits for the end, except with SIGSTOP and SIGCONT. */
  signal(name: string, signal: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Throws, with the end of its log, if a process has ended that nobody ended, or the namespaces have. */
  check(): Promise<void>;
  /** Ends everything and removes the folder. May be called twice. */
  close(): Promise<void>;
}

/** Opens the namespaces, or throws with why that can't be had here. */
export async function openNamespace(): Promise<Namespace> {
  await removeLeftovers();
  const unshare = await unshareCommand();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  // The shell outlives a launcher that is killed, and a ctrl-C of its terminal: it has its own session. A compiler that
  // is just ending may still write while the folder is removed.
  const cleanUp = 'folder=$1; shift; "$@"; rm -rf -- "$folder" || { sleep 1; rm -rf -- "$folder"; }';
  const keeper = join(import.meta.dirname, "keeper.ts");
  const shell = spawn("sh", ["-c", cleanUp, "sh", folder, ...unshare, process.execPath, keeper, folder], {
    cwd: folder,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await writeFile(join(folder, ownerFile), String(shell.pid));
  let over = false;
  const gone = new Promise<void>((resolve) =>
    shell.once("exit", () => {
      over = true;
      resolve();
    }),
  );
  // The keeper has this too, so it ends with the last of them.
  const silent = new Promise<void>((resolve) => shell.once("close", () => resolve()));
  shell.stdin.on("error", () => {});

  const ended = new Map<string, string>();
  const meant = new Set<string>();
  const waiting = new Map<string, () => void>();
  const told = (key: string) => new Promise<void>((resolve) => waiting.set(key, resolve));
  const ready = told("ready");
  createInterface({ input: shell.stdout }).on("line", (line) => {
    const event = eventSchema.parse(JSON.parse(line));
    if (event.event === "ended") ended.set(event.name, event.how);
    const keys = event.event === "ready" ? ["ready"] : [`${event.event} ${event.name}`];
    if (event.event === "ended") keys.push(`started ${event.name}`);
    for (const key of keys) waiting.get(key)?.();
  });
  const say = (order: KeeperOrder) => void shell.stdin.write(`${JSON.stringify(order)}\n`);

  await Promise.race([
    ready,
    gone.then(() => Promise.reject(new Error("The rig's namespaces ended before they were ready."))),
  ]);
  return {
    folder,
    async start({ name, command, args, env }) {
      ended.delete(name);
      meant.delete(name);
      const started = told(`started ${name}`);
      say({ order: "start", name, command, args: [...args], env: { ...env }, log: join(folder, `${name}.log`) });
      await Promise.race([started, gone]);
      if (over) throw new Error(endedWords);
    },
    async signal(name, signal) {
      const fatal = signal === "SIGTERM" || signal === "SIGKILL";
      if (fatal) meant.add(name);
      if (fatal && ended.has(name)) return;
      const end = told(`ended ${name}`);
      say({ order: "end", name, signal });
      if (fatal) await Promise.race([end, gone]);
    },
    async check() {
      if (over) throw new Error(endedWords);
      for (const [name, how] of ended) {
        if (meant.has(name)) continue;
        const log = await readFile(join(folder, `${name}.log`), "utf8").catch(() => "");
        throw new Error(`${name} ended (${how}):\n${log.split("\n").slice(-15).join("\n")}`);
      }
    },
    async close() {
      shell.stdin.end();
      await silent;
      // A shell that was killed could not; what ends meanwhile may still write.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

const endedWords = "The rig's namespaces have ended.";

const prefix = "rotation-bridge-rig-";
const ownerFile = "owner";

/** `unshare` with what this user may do. */
async function unshareCommand(): Promise<readonly string[]> {
  const flags = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const command = ["unshare", ...flags, "--"];
  try {
    await promisify(execFile)("unshare", [...flags, "--", "mount", "-t", "tmpfs", "tmpfs", "/var/log"]);
    return command;
  } catch (error) {
    const words = error instanceof Error ? error.message.trim().split("\n").at(-1) : "";
    throw new MissingNeed(
      "The rig can't run here. Its kubelets and drivers mount volumes, in namespaces of their own, which takes root " +
        `(CAP_SYS_ADMIN; in a container, a privileged one). unshare said: ${words}`,
      { cause: error },
    );
  }
}

/** Folders whose shell was killed, so that it could not remove them. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, ownerFile), "utf8").catch(() => "");
    const youngerThanAMinute = await stat(folder).then(
      ({ ctimeMs }) => Date.now() - ctimeMs < 60_000,
      () => true,
    );
    if (owner === "" && youngerThanAMinute) continue;
    const command = owner === "" ? "" : await readFile(`/proc/${owner}/cmdline`, "utf8").catch(() => "");
    if (!command.includes(folder)) await rm(folder, { recursive: true, force: true });
  }
}
