/** Asks before something is done that cannot be taken back. */

import { exitCodes } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** Undefined: go on. Otherwise the exit code with which to end. */
export async function unlessAgreed(question: string, yes: boolean, terminal: Terminal): Promise<number | undefined> {
  if (yes) return undefined;
  if (terminal.confirm === undefined) {
    terminal.err("Nobody can be asked here. Say --yes if that is what you want.\n");
    return exitCodes.unusable;
  }
  if (await terminal.confirm(question)) return undefined;
  terminal.err("Nothing was done.\n");
  return exitCodes.done;
}
