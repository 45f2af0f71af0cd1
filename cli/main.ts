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
    "render",
    {
      summary: "What the bridge makes of a class: files and Secret keys with sizes and hashes. Offline, never a value.",
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
}

function help(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `rotation-bridge <command> [options]

Commands:
${rows.join("\n")}

rotation-bridge help <command> says more of one.

Exit codes: 0 done, 1 something was refused, 2 the arguments or a file must be mended, 3 unexpected.
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
