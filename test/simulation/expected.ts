/** What 3,000 seeds must have met at least once, and the few things that they need not meet, each with why. */

import { allReasons } from "../../shared/core/reasons.ts";
import { actKinds } from "./acts.ts";
import { storyNames } from "./stories.ts";
import type { Branch } from "./plan-branches.ts";
import type { Tally } from "./tally.ts";

/** Fewer seeds may miss what is rare. */
export const enoughSeeds = 3000;

const faults: readonly string[] = [
  ...["401", "403", "404", "409", "422", "429", "500", "503", "reset", "hang", "lost", "slow"].map(
    (fault) => `cluster ${fault}`,
  ),
  ...["429", "500", "503", "reset", "hang", "lost"].map((fault) => `queue ${fault}`),
  ...["Throttled", "InternalServerError", "ForbiddenByRbac", "SecretDisabled", "SecretNotFound"].map(
    (code) => `vault ${code}`,
  ),
  ...["hang", "slow", "reset", "stale read"].map((fault) => `vault ${fault}`),
  "mount of an older version",
  "crash before a call takes effect",
  "crash after a call takes effect",
  "clock skew",
  "event lost",
  "event repeated",
  "event reordered",
  "message repeated",
];

/** Reasons that no world has, and why. */
export const withoutReason: Readonly<Record<string, string>> = {
  unexpected: "it is a defect, and breaks a law",
  "no-cage":
    "worlds say `withoutCage: true`, for their clusters have no admission policies (test/scenarios/b-cage.test.ts)",
};

/** Branches of the plan that no world takes: in the file, the one whose first line holds the text. */
export const withoutBranch: readonly { readonly file: string; readonly text: string; readonly why: string }[] = [
  ...[
    ["conclude.ts", "observed.cage?.stands"],
    ["conclude.ts", "observed.cage?.why"],
    ["conclude.ts", '?? "Nobody has looked'],
  ].map(([file = "", text = ""]) => ({ file, text, why: "see no-cage" })),
  ...[
    ["workload-state.ts", "|| entries.has(key)"],
    ["workload-state.ts", "const present = new Set(dependencies("],
    ["workload-state.ts", "(wanted) => wanted.key"],
    ["workload-state.ts", "));"],
    ["workload-state.ts", "(other) => !present.has(other)"],
  ].map(([file = "", text = ""]) => ({
    file,
    text,
    why: "a class moves away from a vault that the bridge rotated in: worlds rotate one vault (test/core/plan/evidence.test.ts)",
  })),
  {
    file: "turned-keys.ts",
    text: '? "unknown"',
    why: "somebody's rollout comes with a key that our restart's pods did not read: worlds change no env (test/core/plan/turned-keys.test.ts)",
  },
  ...[
    ["render-once.ts", "&& oldest !== undefined"],
    ["render-once.ts", "known.delete(oldest)"],
  ].map(([file = "", text = ""]) => ({
    file,
    text,
    why: "more than 32 classes for one version, which no world has",
  })),
  {
    file: "rollout.ts",
    text: "Math.min(longWatchMs",
    why: "a rollout that is watched for an hour: worlds come to rest before (test/core/plan/evidence.test.ts)",
  },
  ...[
    ["class-findings.ts", "?? pod.createdAt"],
    ["rollout.ts", "?? 0"],
    ["wanted.ts", "?? 0"],
    ["survey.ts", "?? defaultTimeouts"],
  ].map(([file = "", text = ""]) => ({ file, text, why: "a date or a setting that is never absent here" })),
  ...[
    ["look.ts", "return [];"],
    ["look.ts", "return undefined;"],
    ["outcomes.ts", 'return { kind: "converged", idle: false };'],
    ["refusals.ts", 'return { kind: "unavailable", about };'],
    ["refusals.ts", 'return refuse("secret-invalid"'],
    ["render-once.ts", "return [];"],
    ["restart-gates.ts", "? 0"],
    ["reverts.ts", "?? Number.POSITIVE_INFINITY"],
    ["survey.ts", '?? ({ kind: "refused"'],
    ["wanted.ts", "return undefined;"],
    ["wanted.ts", "return new Set();"],
    ["holds.ts", "return false;"],
    ["pins.ts", ": undefined"],
    ["pins.ts", "?? pod.createdAt"],
    ["plan.ts", '=== "restart"'],
    ["plan.ts", "&& other"],
    ["plan.ts", "?.kind"],
    ["reproduce.ts", "?? 0"],
    ["reproduce.ts", ": noFiles"],
    ["reverts.ts", "?? 0"],
    ["reverts.ts", "?? pod.createdAt"],
    ["reverts.ts", "?? Number"],
    ["survey.ts", "?? defaultFlags"],
    ["wanted.ts", ": undefined"],
  ].map(([file = "", text = ""]) => ({ file, text, why: "for the type checker: callers have made sure before" })),
  ...[
    ["reproduce.ts", "const objectName"],
    ["reproduce.ts", "(item) => item.key === key"],
    ["reproduce.ts", ")?.objectName"],
    ["reproduce.ts", "?? source.path"],
  ].map(([file = "", text = ""]) => ({
    file,
    text,
    why: "a certificate with history: rendering it takes too long for worlds (test/core/plan/reproduce.test.ts)",
  })),
  ...[
    ["decide-secret.ts", "state.unsure"],
    ["survey.ts", 'case "unsure":'],
    ["survey.ts", "return state;"],
    ["reproduce.ts", 'kind: "unsure"'],
    ["reproduce.ts", "? result.objects"],
    ["reproduce.ts", "unsure ||="],
    ["reproduce.ts", "function passes"],
    ["reproduce.ts", 'return { kind: "reproduced" };'],
  ].map(([file = "", text = ""]) => ({
    file,
    text,
    why: "the vault fails at one question in a run: once in tens of thousands of worlds (test/core/plan/reproduce.test.ts)",
  })),
  ...[
    ["decide-secret.ts", "const gaveUp"],
    ["decide-secret.ts", "outcome: gaveUp"],
    ["decide-secret.ts", "const written"],
    ["decide-secret.ts", "({ next }) => next.kind"],
    ["decide-marked.ts", "about: [key] }, for: because"],
    ["decide-marked.ts", "outcome: obstacle, for: because"],
    ["decide-workload.ts", "return { ...own, for: unproven(state, look) };"],
    ["holds.ts", "return [];"],
    ["holds.ts", '? { kind: "later", atLeastMs: 60_000 }'],
    ["new-objects.ts", "return [wait];"],
    ["own-rollout.ts", 'reason: "old-mount"'],
    ["own-rollout.ts", "outcome: waitsForOwner"],
    ["pins.ts", "&& pods.some("],
    ["pins.ts", "(pod) => pod.started && pod.createdAt <= wroteAt"],
    ["pins.ts", "&& pod.createdAt <= wroteAt"],
    ["pins.ts", ": 0"],
    ["pins.ts", "return Math.min(late, oldestMounterAt"],
    ["late-secret.ts", "return true;"],
    ["pins.ts", "return true;"],
    ["pins.ts", "return false;"],
    ["plan.ts", "&& one.workload.uid"],
    ["refusals.ts", '? { kind: "refused", reason: problem.reason'],
    ["reverts.ts", "return true;"],
    ["restart-step.ts", "outcome: startUnknown"],
    ["rollout.ts", "? undefined"],
    ["strangers-bytes.ts", "return false;"],
    ["strangers-bytes.ts", "?? Infinity"],
    ["unexplained.ts", "return false;"],
    ["wanted.ts", "unknown.push(id);"],
    ["workload-state.ts", ': "old"'],
  ].map(([file = "", text = ""]) => ({
    file,
    text,
    why: "several rare things at once: some ranges of 3,000 seeds meet it and some do not (test/core/plan holds it)",
  })),
];

/** Everything that was to be met and was not. */
export function missed(tally: Tally, branches: readonly Branch[]): readonly string[] {
  const names = [
    ...[...actKinds.keys()].map((kind) => `act ${kind}`),
    ...storyNames.map((name) => `story ${name}`),
    ...faults.map((fault) => `fault ${fault}`),
    ...Object.keys(allReasons)
      .filter((reason) => !(reason in withoutReason))
      .map((reason) => `reason ${reason}`),
  ];
  const untaken = branches.filter(({ times }) => times === 0).filter((branch) => !isExempt(branch));
  return [
    ...names.filter((name) => tally.of(name) === 0),
    ...untaken.map(({ file, line, text }) => `branch plan/${file}:${line} ${text}`),
  ];
}

function isExempt({ file, text }: Branch): boolean {
  // A short text is all of it: a bracket is in every line.
  const fits = (short: string) => (short.length < 6 ? text === short : text.includes(short));
  return withoutBranch.some((exempt) => exempt.file === file && fits(exempt.text));
}
