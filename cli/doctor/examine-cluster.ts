/** Looks at one cluster, group after group. Reads only; whatever cannot be read is said instead of what it would have shown. */

import { readFile } from "node:fs/promises";
import { forEachBounded } from "../../shared/bounded.ts";
import { checkCage } from "../../shared/core/doctor/check-cage.ts";
import { checkClaims, checkOutcomes } from "../../shared/core/doctor/check-classes.ts";
import { checkDriver } from "../../shared/core/doctor/check-driver.ts";
import { checkIngresses, checkReloader } from "../../shared/core/doctor/check-readers.ts";
import { checkRights, rightsOf } from "../../shared/core/doctor/check-rights.ts";
import type { AskedRight, RightsFacts } from "../../shared/core/doctor/check-rights.ts";
import { counted, ok, problem, warning } from "../../shared/core/doctor/check.ts";
import type { Check, CheckGroup } from "../../shared/core/doctor/check.ts";
import { ingressUses, reloadersAmong } from "../../shared/core/doctor/parse-readers.ts";
import type { ProviderClass } from "../../shared/core/provider-class.ts";
import { mayAct, neededRights } from "../../shared/core/rbac-rules.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { policyFor, withoutCage } from "../../shared/core/rotation-map.ts";
import type { MappedCluster, RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import { lookOnly } from "../../shared/look-only.ts";
import type { LookResult } from "../../shared/look-only.ts";
import type { Clock, Cluster, Vault } from "../../shared/ports.ts";
import type { Examiner } from "../../shared/adapters/kubernetes/examiner.ts";
import { cageFile, cageManifests } from "../cage.ts";

export interface ClusterSubject {
  readonly map: RotationMap;
  readonly mapped: MappedCluster;
  readonly cluster: Cluster;
  readonly examiner: Examiner;
  readonly vault: Vault;
  readonly clock: Clock;
  /** The bridge's name in the cluster, where the caller gave it. */
  readonly user: string | undefined;
  readonly say: (doing: string) => void;
}

/** `classes`: those of mapped namespaces, as far as they could be read. Answers them for what follows. */
export async function* examineCluster(
  subject: ClusterSubject,
): AsyncGenerator<CheckGroup, readonly ProviderClass[], void> {
  const { map, mapped, cluster, say } = subject;
  const title = (of: string) => `Cluster ${mapped.name}: ${of}`;
  say(`Reading the classes of ${mapped.name}`);
  const found = await answerOf(cluster.index());
  if (!found.ok) {
    const mend = "Look at its address in the map, at your sign-in, and at whether this machine may reach it.";
    yield { title: title("reached"), checks: [problem(found.problem.message, mend)] };
    return [];
  }
  const classes = found.value.filter(
    ({ namespace }) => policyFor(map, { cluster: mapped.name, namespace }) !== undefined,
  );
  const own = classes.filter(({ provider, deleting }) => provider === "azure" && !deleting);
  const spaces = [...new Set(own.map(({ namespace }) => namespace))].sort();
  const count = `${counted(own.length, "class", "classes")} of Key Vault in ${counted(spaces.length, "mapped namespace")}`;
  yield { title: title("reached"), checks: [ok(`It answers, and has ${count}.`)] };

  say(`Reading the driver of ${mapped.name}`);
  const driver = await answerOf(cluster.driver());
  yield {
    title: title("driver"),
    checks: driver.ok ? checkDriver({ read: driver.value, mapped: mapped.driver }) : [unreadable(driver.problem)],
  };

  yield { title: title("rights"), checks: await examineRights(subject, own) };
  say(`Looking for the cage of ${mapped.name}`);
  yield { title: title("cage"), checks: await examineCage(subject) };

  const targets = spaces.map((namespace) => ({ cluster: mapped.name, namespace }));
  const clusters = new Map([[mapped.name, cluster]]);
  const { vault, clock } = subject;
  const looks = await lookOnly(targets, "all", { map, clusters, vault, clock, progress: say });
  yield { title: title("classes"), checks: [...outcomesOf(looks), ...checkClaims(own)] };
  yield { title: title("who else reloads"), checks: await examineReaders(subject, own, looks) };
  return own;
}

async function examineRights(subject: ClusterSubject, classes: readonly ProviderClass[]): Promise<readonly Check[]> {
  const { map, mapped, examiner, user, say } = subject;
  const { roles, left } = neededRights(map, mapped, classes);
  const rights = rightsOf(roles);
  say(`Asking ${mapped.name} for ${rights.length} rights`);
  try {
    const caller = await examiner.whoAmI();
    const of = await whoseRights(examiner, user, caller, rights[0]);
    const asked = of.kind === "bridge" && user !== caller ? user : undefined;
    const results = await forEachBounded(rights, 16, async (right) => ({
      right,
      allowed: await examiner.allowed(right, asked),
    }));
    const answers = results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    return checkRights({ answers, of, left });
  } catch (error) {
    if (error instanceof RemoteProblem) return [unreadable(error)];
    throw error;
  }
}

/** The bridge's, if the caller may ask for them; else the caller's own. */
async function whoseRights(
  examiner: Examiner,
  user: string | undefined,
  caller: string,
  first: AskedRight | undefined,
): Promise<RightsFacts["of"]> {
  if (user === undefined) return { kind: "caller", user: caller, why: "not-named" };
  if (user === caller || first === undefined) return { kind: "bridge", user };
  const asked = await answerOf(examiner.allowed(first, user));
  if (asked.ok) return { kind: "bridge", user };
  if (asked.problem.kind !== "forbidden") throw asked.problem;
  return { kind: "caller", user: caller, why: "not-allowed" };
}

async function examineCage({ map, mapped, examiner, user }: ClusterSubject): Promise<readonly Check[]> {
  const file = await readFile(cageFile, "utf8");
  const read = await answerOf(Promise.all([examiner.cagePolicy(), examiner.cageBinding()]));
  if (!read.ok) return [unreadable(read.problem)];
  const [policy, binding] = read.value;
  const shipped = (name: string) => {
    const [shippedPolicy, shippedBinding] = cageManifests(file, name);
    return { policy: shippedPolicy, binding: shippedBinding };
  };
  const acts = mayAct(map, mapped);
  return checkCage({ policy, binding, user, shipped, acts, withoutCage: withoutCage(map, mapped) });
}

function outcomesOf(looks: readonly LookResult[]): readonly Check[] {
  const outcomes = looks.flatMap((look) =>
    look.ok
      ? [...look.plan.outcomes].map(([className, outcome]) => ({
          namespace: look.target.namespace,
          className,
          outcome,
        }))
      : [],
  );
  const unread = looks.flatMap((look) =>
    look.ok ? [] : [{ namespace: look.target.namespace, why: look.problem.message }],
  );
  return checkOutcomes(outcomes, unread);
}

async function examineReaders(
  { mapped, examiner, say }: ClusterSubject,
  classes: readonly ProviderClass[],
  looks: readonly LookResult[],
): Promise<readonly Check[]> {
  say(`Reading Ingresses and Deployments of ${mapped.name}`);
  const secrets = new Set(
    classes.flatMap(({ namespace, content }) =>
      content.secretObjects.map(({ secretName }) => `${namespace}/${secretName}`),
    ),
  );
  const spaces = [...new Set(classes.map(({ namespace }) => namespace))];
  const ingressClasses = await answerOf(examiner.ingressClasses());
  const lists = await forEachBounded(spaces, 8, (namespace) => answerOf(examiner.ingresses(namespace)));
  const read = lists.map((list) => {
    if (list.status === "rejected") throw list.reason;
    return list.value;
  });
  const refused = read.find((one) => !one.ok);
  const ingresses = read.flatMap((one) => (one.ok ? one.value : []));
  const uses = ingressUses(ingresses, ingressClasses.ok ? ingressClasses.value : undefined, secrets);
  const deployments = await answerOf(examiner.deployments());
  return [
    ...(refused === undefined || refused.ok ? [] : [unreadable(refused.problem)]),
    ...(refused !== undefined && uses.length === 0 ? [] : checkIngresses(uses)),
    ...checkReloader({
      installed: deployments.ok ? reloadersAmong(deployments.value) : undefined,
      asking: looks.flatMap((look) => asking(look, secrets)),
    }),
  ];
}

function asking(look: LookResult, secrets: ReadonlySet<string>): readonly string[] {
  if (!look.ok) return [];
  const { namespace } = look.target;
  return look.input.observed.workloads
    .filter(({ reloader, uses }) => {
      const own = uses.reads.map(({ secret }) => secret).filter((name) => secrets.has(`${namespace}/${name}`));
      return reloader !== undefined && own.some((name) => reloader.all || reloader.secrets.has(name));
    })
    .map(({ kind, name }) => `${namespace}/${kind}/${name}`);
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: RemoteProblem };

async function answerOf<T>(reading: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await reading };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ok: false, problem: error };
    throw error;
  }
}

function unreadable(found: RemoteProblem): Check {
  return warning(`This could not be looked at: ${found.message}`, "Sign in as somebody who may read it.");
}
