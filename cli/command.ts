/** What every command of the CLI is to the one that calls it. */

import type { Terminal } from "./terminal.ts";

export interface Command {
  /** Printed by `help <command>` and `<command> --help`. */
  readonly help: string;
  /** Answers the exit code. `args`: what follows the command's name. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** The same for all commands; docs/cli.md. */
export const exitCodes = {
  /** Done, and nothing was refused. */
  done: 0,
  /** Done, and something was refused, with its reason. */
  refused: 1,
  /** Not begun: the arguments or a file must be mended first. */
  unusable: 2,
  /** Something that the bridge does not know. */
  unexpected: 3,
} as const;
