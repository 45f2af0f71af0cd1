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
  /** Done, and all is well. */
  done: 0,
  /** Done, and there is something for a person to do: a refusal with its reason, a problem, what could not be read. */
  refused: 1,
  /** Not begun: the arguments or a file must be mended first. */
  unusable: 2,
  /** Something that the bridge does not know. */
  unexpected: 3,
} as const;
