/** `plan`: what a new version of a vault object would touch, from readings alone. For the CLI and the HTTP function. */

import type { ObjectNow, PlanReport, Unread } from "./core/plan-report/plan-report-types.ts";
import { reportTarget } from "./core/plan-report/report-target.ts";
import type { ObjectHint } from "./core/message.ts";
import type { VaultReading } from "./core/plan/plan-types.ts";
import type { RemoteProblem } from "./core/remote-problem.ts";
import { saidOf } from "./core/said.ts";
import { objectKey } from "./core/vault-object.ts";
import type { ObjectType, VaultAnswer } from "./core/vault-object.ts";
import { findTargets } from "./find-targets.ts";
import { lookOnly } from "./look-only.ts";
import type { Look, ReportPorts } from "./look-only.ts";

export interface PlanRequest {
  readonly vault: string;
  /** All objects of this name: a certificate is also a secret and a key. */
  readonly name: string;
}

const types: readonly ObjectType[] = ["secret", "cert", "key"];

/** Reads and never writes. `request.vault` must be one of the map's. Throws only for a defect. */
export async function planReport({ vault, name }: PlanRequest, ports: ReportPorts): Promise<PlanReport> {
  const hints: readonly ObjectHint[] = types.map((type) => ({
    object: objectKey({ vault, type, name }),
    version: undefined,
  }));
  const objects = new Set(hints.map(({ object }) => object));
  ports.progress?.("Searching the clusters' classes");
  const { targets, unsearched } = await findTargets(ports.map, ports.clusters, hints);
  const results = await lookOnly(targets, hints, ports);
  const looks = results.flatMap((result) => (result.ok ? [result] : []));
  const failed = results.flatMap((result) => (result.ok ? [] : [result]));
  return {
    secret: `${vault}/${name}`.toLowerCase(),
    objects: objectsNow(looks, objects),
    targets: looks.map(({ input, plan }) => reportTarget(input, plan, objects)).sort(byTarget),
    unread: [
      ...unsearched.map(({ cluster, problem }) => unreadOf({ cluster }, problem)),
      ...failed.map(({ target, problem }) => unreadOf(target, problem)),
    ],
  };
}

/** In the words of the bridge: it denies us, or it does not answer. */
export function unreadOf(
  where: { readonly cluster: string; readonly namespace?: string },
  problem: RemoteProblem,
): Unread {
  const denied = problem.kind === "forbidden" || problem.kind === "unauthorized";
  const about = [problem.message];
  const said = denied
    ? saidOf({ kind: "refused", reason: "no-rbac", about })
    : saidOf({ kind: "waiting", reason: "cluster-unreachable", about });
  return { ...where, said };
}

export function byTarget(
  one: { readonly cluster: string; readonly namespace: string },
  other: { readonly cluster: string; readonly namespace: string },
): number {
  const [a, b] = [`${one.cluster}/${one.namespace}`, `${other.cluster}/${other.namespace}`];
  return a < b ? -1 : a > b ? 1 : 0;
}

function objectsNow(looks: readonly Look[], objects: ReadonlySet<string>): readonly ObjectNow[] {
  const found = new Map<string, ObjectNow>();
  for (const { input } of looks) {
    for (const [key, answer] of answersOf(input.vault)) {
      if (objects.has(key) && !found.has(key)) found.set(key, objectNow(key, answer));
    }
  }
  return [...found.values()].sort((one, other) => (one.object < other.object ? -1 : 1));
}

function answersOf({ answers, lists }: VaultReading): readonly (readonly [string, VaultAnswer])[] {
  const listed = [...lists].flatMap(([key, list]): readonly (readonly [string, VaultAnswer])[] => {
    if (!list.ok) return [[key, list]];
    const newest = list.versions.find(({ enabled }) => enabled);
    const answer = newest === undefined ? undefined : answers.get(`${key}@${newest.version}`);
    return answer === undefined ? [] : [[key, answer]];
  });
  return [...answers, ...listed];
}

export function objectNow(object: string, answer: VaultAnswer): ObjectNow {
  if (!answer.ok) return { object, problem: answer.problem };
  const { version, createdOn } = answer.current;
  return { object, version, ...(createdOn === undefined ? {} : { createdOn: new Date(createdOn).toISOString() }) };
}
