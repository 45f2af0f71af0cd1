/** `rotation-bridge rotate`: looks at a vault object now, by the bridge's queue or in this process. */

import { createWorkQueue } from "../shared/adapters/storage-queue.ts";
import { encodeMessage } from "../shared/core/parse-message.ts";
import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { mappedVault, policyFor } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import type { TargetMessage } from "../shared/core/message.ts";
import { hintsOf, rotateMessages } from "../shared/look-messages.ts";
import { readArguments } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { unlessAgreed } from "./confirm.ts";
import { defaultMapFile, readMap } from "./map-file.ts";
import { shown } from "./output.ts";
import { queueHelp, queuePlace, queueTexts } from "./queue-account.ts";
import { rotateHere } from "./rotate-here.ts";
import { secretOf, secretProblem } from "./secret-option.ts";
import type { NamedSecret } from "./secret-option.ts";
import { signInHelp, signInProblems, signInTexts, systemClock } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge rotate --secret VAULT/NAME [options]

Has the bridge look at a vault object now, wherever a class mounts it, and do what is left to do. It makes no
new version and forces nothing: where every pod is proven to run the current version, nothing happens. Beyond
what an event does, it takes your word where the bridge waits for one, and restarts once
  start-unknown   workloads of which nothing proves that they were started with the current value
  rolled-back     workloads whose restart somebody undid, if they did so before you asked

It puts a message on the bridge's queue, and the app does the work with its own rights. With --here this process
does it, with your own sign-in and your own rights, and says how it goes: for a bridge that is not deployed or
does not run. Both keep to the map: in mode observe the plan is said and nothing is written.

  --secret VAULT/NAME   the object; a certificate is also a secret and a key of that name, so all three count
  --namespace NAME      only this namespace; needs --cluster where the map names several
  --yes                 do not ask first
  --json                one JSON document instead of text
${signInHelp}

By the queue:
${queueHelp}

In this process:
  --here                do the work here
  --timeout DURATION    give up watching after so long (default 15m); what was begun goes on in the cluster

Exit codes: 0 put on the queue, or (--here) every class has converged; 1 (--here) something is refused, failed,
still waits, or no class mounts the object; 2 the arguments or a file must be mended, or the queue took nothing.
`;

export const rotate: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, {
    texts: ["secret", "namespace", "timeout", ...signInTexts, ...queueTexts],
    flags: ["here", "yes", "json"],
    required: ["secret"],
  });
  const asked = secretOf(given.texts.get("secret") ?? "");
  const problems = [...given.problems, ...signInProblems(given), ...contradictions(given)];
  if (given.texts.has("secret") && asked === undefined) problems.push(secretProblem);
  if (problems.length > 0 || asked === undefined) return unusable(problems, terminal);
  const mapFile = given.texts.get("map") ?? defaultMapFile;
  const read = await readMap(mapFile);
  if (!read.ok) {
    terminal.err(read.problem);
    return exitCodes.unusable;
  }
  const place = placeOf(read.map, asked, given);
  if (!place.ok) {
    terminal.err(`${mapFile}: ${place.problem}\n`);
    return exitCodes.unusable;
  }
  const { clusters, namespace } = place;
  if (given.flags.get("here") === true) return rotateHere({ asked, clusters, namespace, given }, terminal);
  return rotateByQueue(messagesFor(asked, clusters, namespace), given, terminal);
}

type Place =
  | { readonly ok: true; readonly clusters: readonly string[]; readonly namespace: string | undefined }
  | { readonly ok: false; readonly problem: string };

/** What is asked for must be in the map: the bridge would drop it without a word to the one who asks. */
function placeOf(map: RotationMap, { vault }: NamedSecret, { texts }: Arguments): Place {
  if (mappedVault(map, vault) === undefined) {
    const names = map.vaults.map(({ name }) => name).join(", ");
    return { ok: false, problem: `It does not name the vault ${shown(vault)}. It has: ${names}.` };
  }
  const names = map.clusters.map(({ name }) => name);
  const wanted = texts.get("cluster");
  const clusters = names.filter((name) => name === (wanted ?? name));
  if (clusters.length === 0)
    return { ok: false, problem: `It has no cluster of that name. It has: ${names.join(", ")}.` };
  const namespace = texts.get("namespace");
  if (namespace === undefined) return { ok: true, clusters, namespace };
  if (clusters.length > 1)
    return { ok: false, problem: `It names several clusters. Choose with --cluster: ${names.join(", ")}.` };
  const mapped = clusters.some((cluster) => policyFor(map, { cluster, namespace }) !== undefined);
  if (!mapped) return { ok: false, problem: `It does not name the namespace ${shown(namespace)} of that cluster.` };
  return { ok: true, clusters, namespace };
}

function messagesFor(
  { vault, name }: NamedSecret,
  clusters: readonly string[],
  namespace: string | undefined,
): readonly TargetMessage[] {
  const begin = () => ({ now: systemClock.now(), id: systemClock.id() });
  return rotateMessages(hintsOf(vault, name), clusters, namespace, begin);
}

async function rotateByQueue(
  messages: readonly TargetMessage[],
  given: Arguments,
  terminal: Terminal,
): Promise<number> {
  const place = queuePlace(given);
  if (!place.ok) return unusable(place.problems, terminal);
  const { account, queueName, called } = place;
  const where = messages.map(({ target }) =>
    target.namespace === "*" ? target.cluster : `${target.cluster}/${target.namespace}`,
  );
  const secret = shown(given.texts.get("secret") ?? "");
  const question = `Ask the bridge (queue ${queueName} of ${called}) to look at ${secret} in ${where.join(", ")}, and to restart what only your word settles?`;
  const ended = await unlessAgreed(question, given.flags.get("yes") === true, terminal);
  if (ended !== undefined) return ended;
  try {
    const queue = createWorkQueue({ account, queueName, encode: encodeMessage });
    for (const message of messages) await queue.send(message, 0);
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    terminal.err(
      `${error.message} Look at --storage, and at your role Storage Queue Data Contributor on its queues.\n`,
    );
    return exitCodes.unusable;
  }
  if (given.flags.get("json") === true)
    terminal.out(`${JSON.stringify({ queue: queueName, targets: where }, undefined, 2)}\n`);
  else
    terminal.out(
      `Asked: ${secret} in ${where.join(", ")}, by queue ${queueName} of ${called}.\nThe app begins within seconds; see how it goes with: rotation-bridge status\n`,
    );
  return exitCodes.done;
}

function contradictions({ texts, flags }: Arguments): readonly string[] {
  const here = flags.get("here") === true;
  const wrong = here ? queueTexts : (["timeout", "kubeconfig", "context"] as const);
  return wrong
    .filter((name) => texts.has(name))
    .map((name) => (here ? `--${name} is for the queue, and --here uses none.` : `--${name} needs --here.`));
}

function unusable(problems: readonly string[], terminal: Terminal): number {
  terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help rotate\n`);
  return exitCodes.unusable;
}
