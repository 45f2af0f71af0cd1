/** The CLI as a process, and the same in this process where hundreds of runs would take too long. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { main } from "../../cli/main.ts";
import { plain } from "../../cli/terminal.ts";

export interface Run {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

export const bin = fileURLToPath(new URL("../../cli/rotation-bridge.mjs", import.meta.url));

/** `entry`: the npm bin, or `cli/main.ts` as it is. */
export async function runCli(
  args: readonly string[],
  {
    entry = bin,
    env = {},
    cwd = process.cwd(),
  }: { readonly entry?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: typeof code === "number" ? code : undefined, out, err };
}

export async function runHere(args: readonly string[]): Promise<Run> {
  let out = "";
  let err = "";
  const code = await main(args, { out: (more) => (out += more), err: (more) => (err += more), paint: plain });
  return { code, out, err };
}
