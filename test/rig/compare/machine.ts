/** On what, and of what, a run was made. */

import { execFile } from "node:child_process";
import { cpus, totalmem, type as system } from "node:os";
import { promisify } from "node:util";
import { textAt } from "../../../local/cluster/json.ts";
import type { Api } from "../api.ts";
import { objectOf } from "../holdings.ts";

export interface MachineFacts {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly kubernetes: string;
  readonly commit: string;
}

export async function machineFacts(admin: Api): Promise<MachineFacts> {
  const cores = cpus();
  const version = objectOf(await admin.must("GET", "/version"));
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${system()}; all on loopback`,
    node: process.versions.node,
    kubernetes: textAt(version, "gitVersion").replace(/^v/, ""),
    commit: await commit(),
  };
}

async function commit(): Promise<string> {
  try {
    const git = async (...args: readonly string[]) => (await promisify(execFile)("git", args)).stdout.trim();
    const changed = await git("status", "--porcelain", "--untracked-files=no");
    return `${await git("rev-parse", "--short=7", "HEAD")}${changed === "" ? "" : " and changes"}`;
  } catch {
    return "unknown";
  }
}
