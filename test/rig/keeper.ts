/**
 * First process of the rig's own mount and PID namespaces: starts and ends the rig's processes as told, one JSON line
 * for each order on standard input and each event on standard output. When standard input ends (the launcher has
 * stopped, or died), this ends, and the kernel ends all other processes of the namespace and drops its mounts.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type KeeperEvent, orderSchema } from "./keeper-protocol.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("The keeper needs the rig's folder.");
const running = new Map<string, ChildProcess>();

keepTheMachineSafe(folder);
process.once("SIGTERM", () => process.exit(0));
say({ event: "ready" });
for await (const line of createInterface({ input: process.stdin })) {
  const order = orderSchema.parse(JSON.parse(line));
  if (order.order === "end") running.get(order.name)?.kill(order.signal);
  else start(folder, order.name, order.command, order.args, order.env, order.log);
}
process.exit(0);

/**
 * The rig's programs are root and some remove files by pattern, so in here the machine's file systems can only be
 * read (README.md, "What it may not touch"). Throws, and the rig does not start, where that can't be had.
 */
function keepTheMachineSafe(own: string): void {
  mkdirSync(join(own, "tmp"), { recursive: true });
  mount("--bind", own, own);
  // Kubelets link container logs at this fixed path.
  mount("-t", "tmpfs", "tmpfs", "/var/log");
  const others = [...mountPoints()].filter((point) => point !== own && point !== "/var/log");
  for (const point of others) mount("-o", "remount,bind,ro", point);
  const writable = others.filter(isWritable);
  if (writable.length > 0) throw new Error(`The rig could still write to ${writable.join(", ")}.`);
  // The folder below the mount is read-only now; the way in leads through the mount.
  process.chdir(own);
}

function isWritable(point: string): boolean {
  try {
    accessSync(point, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Each once, also where something is mounted over itself. */
function mountPoints(): ReadonlySet<string> {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  const unescaped = (text: string) =>
    text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return new Set(lines.map((line) => unescaped(line.split(" ")[4] ?? "/")));
}

function mount(...args: string[]): void {
  execFileSync("mount", args);
}

function start(
  own: string,
  name: string,
  command: string,
  args: string[],
  env: Record<string, string>,
  log: string,
): void {
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    cwd: own,
    env: { ...process.env, TMPDIR: join(own, "tmp"), HOME: join(own, "tmp"), ...env },
    stdio: ["ignore", output, output],
  });
  running.set(name, child);
  child.once("spawn", () => say({ event: "started", name }));
  child.once("error", (error) => say({ event: "ended", name, how: error.message }));
  child.once("exit", (code, signal) => say({ event: "ended", name, how: signal ?? `exit code ${code}` }));
}

function say(event: KeeperEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
