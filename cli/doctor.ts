/** `rotation-bridge doctor`: is everything there that a rotation needs, from the vault's event to the pod? Reads only. */

import { dirname } from "node:path";
import { createArm } from "../shared/adapters/arm.ts";
import { createCredential } from "../shared/adapters/credential.ts";
import { examinerFromMap } from "../shared/adapters/examiner-from-map.ts";
import type { Examiner } from "../shared/adapters/kubernetes/examiner.ts";
import { userKubeconfigConnection } from "../shared/adapters/user-kubeconfig.ts";
import { problem } from "../shared/core/doctor/check.ts";
import type { CheckGroup } from "../shared/core/doctor/check.ts";
import { checkMap } from "../shared/core/doctor/check-map.ts";
import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { isLoopback, serverUrlProblem } from "../shared/core/endpoint.ts";
import { matchesPattern } from "../shared/core/pattern.ts";
import type { ProviderClass } from "../shared/core/provider-class.ts";
import type { MappedCluster, MappedVault } from "../shared/core/rotation-map/map-types.ts";
import type { Clock } from "../shared/ports.ts";
import { readArguments } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { examineCluster } from "./doctor/examine-cluster.ts";
import { examineVault } from "./doctor/examine-vault.ts";
import { groupText, summaryText } from "./doctor/doctor-text.ts";
import { userProblem } from "./identity.ts";
import { withProgress } from "./progress.ts";
import { signIn, signInHelp, signInOptions, signInProblems, signInTexts } from "./sign-in.ts";
import type { SignedIn } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge doctor [options]

Looks at everything that a rotation needs, from the vault's event to the pod, and says what is missing and how
to mend it: the map, each cluster's driver, the bridge's rights and the cage around it, the classes that it
would refuse, who else reloads, the vaults, and the way of their events.
Reads with your own sign-in (az login) and writes nothing.

${signInHelp}
  --as ID               the bridge's object id (az identity show --query principalId): check its rights, its
                        roles and its cage. Without it your own rights are checked, which say less. Where the
                        map gives clusters identities of their own, run it once for each, with --cluster
  --queue NAME          the bridge's queue (default rotations)
  --resource-manager URL    Azure Resource Manager of another cloud (default https://management.azure.com)
  --json                one JSON document when all is done

✓ as it must be   ! works, and you should know   × rotations fail or would fail

Exit codes: 0 no ×, 1 something is ×, 2 the arguments or a file must be mended.
`;

export const doctor: Command = { help, run };

const publicCloud = "https://management.azure.com";

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const texts = [...signInTexts, "as", "queue", "resource-manager"];
  const given = readArguments(args, { texts, flags: ["json"], required: [] });
  const problems = [...given.problems, ...signInProblems(given), ...ownProblems(given)];
  if (problems.length > 0) {
    terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help doctor\n`);
    return exitCodes.unusable;
  }
  const options = signInOptions(given);
  const signedIn = await signIn(options);
  if (!signedIn.ok) {
    terminal.err(signedIn.problem);
    return exitCodes.unusable;
  }
  const json = given.flags.get("json") === true;
  const groups: CheckGroup[] = [];
  const wanted = { given, signedIn, folder: dirname(options.mapFile), mapFile: options.mapFile };
  await withProgress(
    terminal,
    async (say) => {
      for await (const group of examine(wanted, say)) {
        groups.push(group);
        if (json) continue;
        terminal.status?.("");
        terminal.out(groupText(group, terminal.paint));
      }
    },
    0,
  );
  const checks = groups.flatMap((group) => group.checks);
  const count = (grade: string) => checks.filter((check) => check.grade === grade).length;
  const totals = { problems: count("problem"), warnings: count("warning") };
  if (json) terminal.out(`${JSON.stringify({ groups, ...totals }, undefined, 2)}\n`);
  else terminal.out(summaryText(totals, terminal.paint));
  return totals.problems > 0 ? exitCodes.refused : exitCodes.done;
}

interface Wanted {
  readonly given: Arguments;
  readonly signedIn: SignedIn;
  readonly folder: string;
  readonly mapFile: string;
}

async function* examine(wanted: Wanted, say: (doing: string) => void): AsyncGenerator<CheckGroup, void, void> {
  const { given, signedIn, mapFile } = wanted;
  const { map, vault, clock } = signedIn;
  const user = given.texts.get("as")?.toLowerCase();
  yield { title: "Rotation map", checks: checkMap(map, mapFile) };
  const classes: ProviderClass[] = [];
  for (const mapped of map.clusters) classes.push(...(yield* oneCluster(wanted, mapped.name, user, say)));

  const manager = given.texts.get("resource-manager");
  const arm = createArm({ credential: createCredential(), url: manager ?? publicCloud });
  const queue = given.texts.get("queue") ?? "rotations";
  const names = map.clusters.map(({ name }) => name);
  for (const { name, url } of map.vaults.filter((one) => flowsToAny(one, names))) {
    const objects = classes.flatMap(({ content }) =>
      content.ok && content.vault.toLowerCase() === name ? content.objects.map(({ object }) => object) : [],
    );
    // A stand-in on this machine raises no events in Azure.
    const local = isLoopback(URL.parse(url)?.hostname ?? "") && manager === undefined;
    yield* examineVault({ name, objects, vault, arm: local ? undefined : arm, queue, user, clock, say });
  }
}

async function* oneCluster(
  { signedIn, folder }: Wanted,
  name: string,
  user: string | undefined,
  say: (doing: string) => void,
): AsyncGenerator<CheckGroup, readonly ProviderClass[], void> {
  const { map, vault, clusters, clock } = signedIn;
  const mapped = map.clusters.find((one) => one.name === name);
  const cluster = clusters.get(name);
  if (mapped === undefined || cluster === undefined) return [];
  say(`Connecting ${name}`);
  const examiner = await connected(mapped, { folder, clock });
  if (typeof examiner === "string") {
    yield { title: `Cluster ${name}: reached`, checks: [problem(examiner, "Mend the map, or your sign-in.")] };
    return [];
  }
  try {
    return yield* examineCluster({ map, mapped, cluster, examiner, vault, clock, user, say });
  } finally {
    await examiner.close();
  }
}

/** Or a sentence. */
async function connected(
  mapped: MappedCluster,
  way: { readonly folder: string; readonly clock: Clock },
): Promise<Examiner | string> {
  try {
    return await examinerFromMap(mapped, { ...way, kubeconfig: userKubeconfigConnection });
  } catch (error) {
    // Errors of ours are plain and have no code; what anything else says stays here.
    const ours = error instanceof Error && (error.constructor === Error || error instanceof RemoteProblem);
    if (ours && !("code" in error)) return error.message;
    return "It cannot be connected: its address, certificate authority or sign-in cannot be used.";
  }
}

function flowsToAny({ flowsTo }: MappedVault, clusters: readonly string[]): boolean {
  return flowsTo.some(({ cluster }) => clusters.some((name) => matchesPattern(cluster, name)));
}

function ownProblems({ texts }: Arguments): readonly string[] {
  const user = texts.get("as");
  const manager = texts.get("resource-manager");
  const queue = texts.get("queue");
  const url = manager === undefined ? undefined : serverUrlProblem(manager);
  return [
    ...(user === undefined ? [] : userProblem("--as", user)),
    ...(url === undefined ? [] : [`--resource-manager: ${url.problem} ${url.mend}`]),
    ...(queue === undefined || /^[a-z0-9](?:[a-z0-9-]{1,54})[a-z0-9]$/.test(queue)
      ? []
      : ["--queue is not a queue's name."]),
  ];
}
