/**
 * The command line: `rotation-bridge <command> [options]`. Finds the command and runs it; each is loaded only when it
 * is called. Documented in docs/cli.md.
 */

import { didYouMean } from "../shared/core/did-you-mean.ts";
import { printable } from "../shared/core/printable.ts";
import { thrownAt } from "../shared/core/thrown-at.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { processTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const commands: ReadonlyMap<string, Entry> = new Map([
  [
    "init",
    {
      summary: "Writes rotation-map.yaml from what the clusters hold, in observe mode.",
      load: async () => (await import("./init.ts")).init,
    },
  ],
  [
    "validate",
    {
      summary: "Checks the rotation map and what it names, without signing in: all problems at once.",
      load: async () => (await import("./validate.ts")).validate,
    },
  ],
  [
    "plan",
    {
      summary: "What a new version of a vault object would touch: Secrets, restarts, outages, refusals.",
      load: async () => (await import("./plan.ts")).plan,
    },
  ],
  [
    "status",
    {
      summary: "Which pod runs which version, beside the vault's current one.",
      load: async () => (await import("./status.ts")).status,
    },
  ],
  [
    "doctor",
    {
      summary: "What is missing for a rotation to work, from the vault's event to the pod, and how to mend it.",
      load: async () => (await import("./doctor.ts")).doctor,
    },
  ],
  [
    "rotate",
    {
      summary: "Has the bridge look at a vault object now, and settles what waits for a person's word.",
      load: async () => (await import("./rotate.ts")).rotate,
    },
  ],
  [
    "replay",
    {
      summary: "What the bridge gave up or never got: shows it, and puts it on the queue again.",
      load: async () => (await import("./replay.ts")).replay,
    },
  ],
  [
    "render",
    {
      summary: "What the bridge makes of a class: files and keys with sizes and hashes. Offline, never a value.",
      load: async () => (await import("./render.ts")).render,
    },
  ],
  [
    "rbac",
    {
      summary: "The Kubernetes rights that the bridge needs in a cluster, no more: YAML for kubectl apply.",
      load: async () => (await import("./rbac.ts")).rbac,
    },
  ],
]);

/** Answers the exit code; `args` begin with the command's name. Throws nothing. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) return usageProblem("No command is named.", terminal);
  if (first === "help" && rest[0] !== undefined) return main([rest[0], "--help"], terminal);
  if (isHelp(first)) {
    terminal.out(help());
    return exitCodes.done;
  }
  const entry = commands.get(first);
  if (entry === undefined) return usageProblem(unknown(first), terminal);
  try {
    const command = await entry.load();
    if (!rest.some(isHelpOption)) return await command.run(rest, terminal);
    terminal.out(command.help);
    return exitCodes.done;
  } catch (error) {
    // The error's own text could hold what it choked on.
    terminal.err(`Unexpected, please report it: ${first} failed at ${thrownAt(error) ?? "an unknown place"}.\n`);
    return exitCodes.unexpected;
  }
}

/** Runs `main` for this process. */
export async function runProcess(): Promise<void> {
  // A reader such as `head` may leave early.
  process.stdout.on("error", () => process.exit());
  process.exitCode = await main(process.argv.slice(2), processTerminal());
  // Connections that are kept for the next request would hold the process for seconds.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
  process.exit();
}

function help(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `rotation-bridge <command> [options]

For who runs Rotation Bridge, which carries new versions of Key Vault secrets into Kubernetes. Documented in
docs/cli.md; in a checkout it is npx rotation-bridge.

Commands:
${rows.join("\n")}

rotation-bridge help <command> says more of one.

Exit codes: 0 all is well, 1 something is for a person to do, 2 the arguments or a file must be mended,
3 unexpected.
`;
}

function usageProblem(problem: string, terminal: Terminal): number {
  terminal.err(`${problem}\n\n${help()}`);
  return exitCodes.unusable;
}

function unknown(word: string): string {
  const near = didYouMean(word, commands.keys());
  const shown = JSON.stringify(printable(word));
  return `There is no command ${shown}.${near === undefined ? "" : ` Did you mean ${near}?`}`;
}

function isHelp(word: string): boolean {
  return word === "help" || isHelpOption(word);
}

function isHelpOption(word: string): boolean {
  return word === "--help" || word === "-h";
}

if (import.meta.main) await runProcess();
