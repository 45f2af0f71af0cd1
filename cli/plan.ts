/** `rotation-bridge plan`: what a new version of a vault object would touch. Reads with the caller's sign-in, writes nothing. */

import type { PlanReport } from "../shared/core/plan-report/plan-report-types.ts";
import type { Said } from "../shared/core/said.ts";
import { mappedVault } from "../shared/core/rotation-map.ts";
import { planReport } from "../shared/plan-report.ts";
import { rightsHint } from "./azure-sign-in.ts";
import { readArguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { shown } from "./output.ts";
import { planMermaid } from "./plan-mermaid.ts";
import { planText } from "./plan-text.ts";
import { withProgress } from "./progress.ts";
import { secretOf, secretProblem } from "./secret-option.ts";
import { signIn, signInHelp, signInOptions, signInProblems, signInTexts } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge plan --secret VAULT/NAME [options]

Shows what a new version of a vault object would touch: the Secrets that are written, the workloads that are
restarted, in which order, whose strategy means an outage, and what the bridge would refuse, by its reason.
Reads the clusters and the vault with your own sign-in (az login) and writes nothing, whatever the map's mode.

  --secret VAULT/NAME   the object; a certificate is also a secret and a key of that name, so all three count
${signInHelp}
  --json                one JSON document instead of tables
  --mermaid             a Mermaid flowchart instead of tables, for a change request or a wiki

Exit codes: 0 nothing stands in the way, 1 something is refused, waits for a person or could not be read,
2 the arguments or a file must be mended. An outage is marked, and is no reason for 1.
`;

export const plan: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, {
    texts: ["secret", ...signInTexts],
    flags: ["json", "mermaid"],
    required: ["secret"],
  });
  const asked = secretOf(given.texts.get("secret") ?? "");
  const problems = [...given.problems, ...signInProblems(given)];
  if (given.texts.has("secret") && asked === undefined) problems.push(secretProblem);
  if (given.flags.get("json") === true && given.flags.get("mermaid") === true)
    problems.push("Choose one of --json and --mermaid.");
  if (problems.length > 0 || asked === undefined) {
    terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help plan\n`);
    return exitCodes.unusable;
  }
  const options = signInOptions(given);
  const signedIn = await signIn(options);
  if (!signedIn.ok) {
    terminal.err(signedIn.problem);
    return exitCodes.unusable;
  }
  if (mappedVault(signedIn.map, asked.vault) === undefined) {
    const names = signedIn.map.vaults.map(({ name }) => name).join(", ");
    terminal.err(`${options.mapFile}: It does not name the vault ${shown(asked.vault)}. It has: ${names}.\n`);
    return exitCodes.unusable;
  }
  const { report, hint } = await withProgress(terminal, async (progress) => {
    const made = await planReport(asked, { ...signedIn, progress });
    return { report: made, hint: await rightsHint(made.unread, made.objects) };
  });
  terminal.err(hint);
  if (given.flags.get("json") === true) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
  else if (given.flags.get("mermaid") === true) terminal.out(planMermaid(report));
  else terminal.out(planText(report, terminal.paint));
  return isClear(report) ? exitCodes.done : exitCodes.refused;
}

/** Nothing that a person should look at before rotating. */
export function isClear({ objects, targets, unread }: PlanReport): boolean {
  return (
    unread.length === 0 &&
    objects.every(({ problem }) => problem === undefined) &&
    targets.every(
      ({ classes, secrets, workloads, pods }) =>
        pods.length === 0 &&
        [...classes, ...secrets, ...workloads].every(({ stopped }) => stopped === undefined || passes(stopped)),
    )
  );
}

/** The driver's own refresh is as good as a restart, and comes by itself. */
function passes({ reason }: Said): boolean {
  return reason === "driver-refresh";
}
