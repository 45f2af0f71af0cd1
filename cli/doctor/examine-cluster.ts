/** Looks at one cluster, group after group. Reads only; whatever cannot be read is said instead of what it would have shown. */

import { readFile } from "node:fs/promises";
import { checkCage } from "../../shared/core/doctor/check-cage.ts";
import { checkClaims, checkOutcomes } from "../../shared/core/doctor/check-classes.ts";
import { checkDriver } from "../../shared/core/doctor/check-driver.ts";
import { counted, ok, problem } from "../../shared/core/doctor/check.ts";
import type { Check, CheckGroup } from "../../shared/core/doctor/check.ts";
import type { ProviderClass } from "../../shared/core/provider-class.ts";
import { mayAct } from "../../shared/core/rbac-rules.ts";
import { policyFor, withoutCage } from "../../shared/core/rotation-map.ts";
import { lookOnly } from "../../shared/look-only.ts";
import type { LookResult } from "../../shared/look-only.ts";
import { cageFile, cageManifests } from "../cage.ts";
import type { ClusterSubject } from "./cluster-subject.ts";
import { examineReaders } from "./examine-readers.ts";
import { examineRights } from "./examine-rights.ts";
import { readOrWhy, unreadable } from "./read-or-why.ts";

/** `classes`: those of mapped namespaces, as far as they could be read. Answers them for what follows. */
export async function* examineCluster(
  subject: ClusterSubject,
): AsyncGenerator<CheckGroup, readonly ProviderClass[], void> {
  const { map, mapped, cluster, say } = subject;
  const title = (of: string) => `Cluster ${mapped.name}: ${of}`;
  say(`Reading the classes of ${mapped.name}`);
  const found = await readOrWhy(cluster.index());
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
  const driver = await readOrWhy(cluster.driver());
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

async function examineCage({ map, mapped, examiner, user }: ClusterSubject): Promise<readonly Check[]> {
  const file = await readFile(cageFile, "utf8");
  const read = await readOrWhy(Promise.all([examiner.cagePolicy(), examiner.cageBinding()]));
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
