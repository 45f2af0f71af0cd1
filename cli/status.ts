/** `rotation-bridge status`: which pod runs which version, beside the vault's current one. Reads and writes nothing. */

import { statusReport } from "../shared/status-report.ts";
import { rightsHint } from "./azure-sign-in.ts";
import { readArguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { withProgress } from "./progress.ts";
import { signIn, signInHelp, signInOptions, signInProblems, signInTexts } from "./sign-in.ts";
import { statusText } from "./status-text.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge status [options]

Shows which version of each vault object every live pod runs, beside the vault's current one, and whether the
synced Secrets hold the current bytes. Mounted versions are those of the pods' SecretProviderClassPodStatus; of
a pod that only reads a Secret it says what is proven of its start. Reads with your own sign-in (az login) and
writes nothing.

${signInHelp}
  --namespace NAME      only this namespace; * stands for any characters
  --json                one JSON document instead of tables

Exit codes: 0 every pod runs the current version and every class has converged, 1 something has not, could
not be read, or no such namespace is there, 2 the arguments or a file must be mended. So a script can wait:
  until rotation-bridge status > status.txt; do sleep 5; done
`;

export const status: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, { texts: ["namespace", ...signInTexts], flags: ["json"], required: [] });
  const problems = [...given.problems, ...signInProblems(given)];
  if (problems.length > 0) {
    terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help status\n`);
    return exitCodes.unusable;
  }
  const signedIn = await signIn(signInOptions(given));
  if (!signedIn.ok) {
    terminal.err(signedIn.problem);
    return exitCodes.unusable;
  }
  const namespace = given.texts.get("namespace");
  const request = namespace === undefined ? {} : { namespaces: [namespace] };
  const { report, hint } = await withProgress(terminal, async (progress) => {
    const made = await statusReport(request, { ...signedIn, progress });
    const objects = made.targets.flatMap(({ classes }) => classes.flatMap((item) => item.objects));
    return { report: made, hint: await rightsHint(made.unread, objects) };
  });
  terminal.err(hint);
  if (given.flags.get("json") === true) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
  else terminal.out(statusText(report, terminal.paint));
  return report.allCurrent ? exitCodes.done : exitCodes.refused;
}
