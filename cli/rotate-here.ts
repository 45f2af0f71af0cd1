/** `rotate --here`: the bridge's own `converge` in this process, with the caller's sign-in. */

import { forEachBounded } from "../shared/bounded.ts";
import { converge } from "../shared/converge.ts";
import type { ConvergePorts, ConvergeResult } from "../shared/converge.ts";
import { parseDuration } from "../shared/core/duration.ts";
import { emptyMemory } from "../shared/core/memory.ts";
import type { ObjectHint } from "../shared/core/message.ts";
import type { Outcome, WaitingReason } from "../shared/core/reasons.ts";
import { policyFor } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { saidOf } from "../shared/core/said.ts";
import type { Target } from "../shared/core/target.ts";
import { targetKey } from "../shared/core/target.ts";
import { findTargets } from "../shared/find-targets.ts";
import { askedNow, hintsOf } from "../shared/look-messages.ts";
import { createMemoryHistory } from "../shared/memory-history.ts";
import type { Log, LogFields } from "../shared/ports.ts";
import { seats } from "../shared/seats.ts";
import { sharedVault } from "../shared/shared-vault.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import { unlessAgreed } from "./confirm.ts";
import { shown } from "./output.ts";
import { saidLine } from "./report-words.ts";
import type { NamedSecret } from "./secret-option.ts";
import { signIn, signInOptions } from "./sign-in.ts";
import type { SignedIn } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

export interface HereRequest {
  readonly asked: NamedSecret;
  readonly clusters: readonly string[];
  readonly namespace: string | undefined;
  readonly given: Arguments;
}

const mostTargetsAtOnce = 16;

export async function rotateHere(request: HereRequest, terminal: Terminal): Promise<number> {
  const { asked, given, namespace } = request;
  const timeoutMs = parseDuration(given.texts.get("timeout") ?? "15m");
  if (timeoutMs === undefined) {
    terminal.err("--timeout is not a duration. Write a number and a unit, like 15m.\n");
    return exitCodes.unusable;
  }
  const json = given.flags.get("json") === true;
  const steps: string[] = [];
  const log = timeline(steps, json ? undefined : terminal);
  const signedIn = await signIn({ ...signInOptions(given), log });
  if (!signedIn.ok) {
    terminal.err(signedIn.problem);
    return exitCodes.unusable;
  }
  const { clock, clusters, vault } = signedIn;
  const map = withoutTheBridgesCage(signedIn.map);
  const hints = hintsOf(asked.vault, asked.name);
  const { targets: found, unsearched } = await findTargets(map, clusters, hints);
  for (const { problem } of unsearched) terminal.err(`${problem.message}\n`);
  const targets = found.filter((target) => namespace === undefined || target.namespace === namespace);
  if (targets.length === 0) {
    terminal.err(`No class there mounts ${shown(`${asked.vault}/${asked.name}`)}.\n`);
    // Nothing is known to be right: a script must not go on after a misspelled name.
    return exitCodes.refused;
  }
  const question = `Bring ${shown(`${asked.vault}/${asked.name}`)} where it belongs in ${targets.map(targetKey).join(", ")}, with your own rights, and restart what only your word settles?`;
  const ended = await unlessAgreed(question, given.flags.get("yes") === true, terminal);
  if (ended !== undefined) return ended;

  const now = clock.now();
  const shared = { history: createMemoryHistory(), seats: seats(mostTargetsAtOnce), vault: sharedVault(vault) };
  const results = await forEachBounded(targets, mostTargetsAtOnce, async (target) => ({
    target,
    result: await toItsEnd(
      target,
      hints,
      { now, deadline: now + timeoutMs },
      { ...signedIn, ...shared, map, clusters },
    ),
  }));
  const done = results.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  report(done, steps, json, terminal);
  const proven = done.every(({ result }) => [...result.outcomes.values()].every(({ kind }) => kind === "converged"));
  return proven && unsearched.length === 0 ? exitCodes.done : exitCodes.refused;
}

/** The cage stands around the bridge's identity; a person's own rights are not its business. */
function withoutTheBridgesCage(map: RotationMap): RotationMap {
  return {
    ...map,
    withoutCage: true,
    clusters: map.clusters.map((cluster) => ({ ...cluster, withoutCage: true })),
  };
}

/** What passes by itself is worth waiting for; what waits for a person is said. */
const passing: ReadonlySet<WaitingReason> = new Set([
  "settling",
  "rollout-running",
  "final-look",
  "reloader",
  "secret-missing",
  "vault-stale",
  "vault-unavailable",
  "cluster-unreachable",
  "conflict",
  "driver-refresh",
] as const);

/** As the app does it, but without handing over: who watches is here. */
async function toItsEnd(
  target: Target,
  hints: readonly ObjectHint[],
  { now, deadline }: { readonly now: number; readonly deadline: number },
  { map, clusters, ...ports }: SignedIn & Pick<ConvergePorts, "history" | "seats">,
): Promise<ConvergeResult> {
  const cluster = clusters.get(target.cluster);
  const policy = policyFor(map, target);
  if (cluster === undefined || policy === undefined) throw new Error("A target is not of the map.");
  const byHand = askedNow(hints, now);
  for (let memory = emptyMemory; ;) {
    const result = await converge(
      { target, policy, scope: () => hints, byHand: () => byHand, memory, deadline, beforeWork: async () => {} },
      { cluster, ...ports },
    );
    if (result.next.kind === "end" || ![...result.outcomes.values()].some(passesByItself)) return result;
    const wait = result.next.kind === "soon" ? result.next.ms : result.next.atLeastMs;
    if (ports.clock.now() + wait >= deadline) return result;
    await ports.clock.sleep(wait);
    memory = result.memory;
  }
}

function passesByItself(outcome: Outcome): boolean {
  return outcome.kind === "waiting" && passing.has(outcome.reason);
}

/** The bridge's own log as lines for a person, as they come. */
function timeline(steps: string[], terminal: Terminal | undefined): Log {
  const put = (event: string, fields: LogFields) => {
    const target = shown(String(fields["target"] ?? ""));
    if (event === "step") {
      steps.push(`${target}: ${shown(String(fields["step"] ?? ""))}`);
      terminal?.out(`${target}  ${shown(String(fields["step"] ?? ""))}\n`);
    } else if (event === "outcome" && fields["outcome"] === "waiting" && terminal !== undefined) {
      const about = Array.isArray(fields["about"]) ? fields["about"].map((one) => shown(String(one))) : [];
      const reason = shown(String(fields["reason"] ?? ""));
      terminal.out(terminal.paint.dim(`${target}  ${reason}: ${about.slice(0, 3).join(", ")}\n`));
    }
  };
  return { info: put, warn: put, error: put };
}

function report(
  done: readonly { readonly target: Target; readonly result: ConvergeResult }[],
  steps: readonly string[],
  json: boolean,
  terminal: Terminal,
): void {
  if (json) {
    const targets = done.map(({ target, result }) => ({
      ...target,
      classes: Object.fromEntries([...result.outcomes].map(([name, outcome]) => [name, saidOf(outcome)])),
    }));
    terminal.out(`${JSON.stringify({ targets, steps }, undefined, 2)}\n`);
    return;
  }
  if (steps.length === 0) terminal.out("Nothing was to be done.\n");
  for (const { target, result } of done)
    for (const [name, outcome] of result.outcomes)
      terminal.out(`${saidLine(`${targetKey(target)} ${name}`, saidOf(outcome), terminal.paint).trimEnd()}\n`);
}
