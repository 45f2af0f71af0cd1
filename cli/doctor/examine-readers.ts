/** Looks at who else reads or reloads the Secrets of a cluster: Ingresses, and Stakater Reloader. */

import { forEachBounded } from "../../shared/bounded.ts";
import { checkIngresses, checkReloader } from "../../shared/core/doctor/check-readers.ts";
import type { Check } from "../../shared/core/doctor/check.ts";
import { ingressUses, reloadersAmong } from "../../shared/core/doctor/parse-readers.ts";
import type { ProviderClass } from "../../shared/core/provider-class.ts";
import type { LookResult } from "../../shared/look-only.ts";
import type { ClusterSubject } from "./cluster-subject.ts";
import { readOrWhy, unreadable } from "./read-or-why.ts";

export async function examineReaders(
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
  const ingressClasses = await readOrWhy(examiner.ingressClasses());
  const lists = await forEachBounded(spaces, 8, (namespace) => readOrWhy(examiner.ingresses(namespace)));
  const read = lists.map((list) => {
    if (list.status === "rejected") throw list.reason;
    return list.value;
  });
  const refused = read.find((one) => !one.ok);
  const ingresses = read.flatMap((one) => (one.ok ? one.value : []));
  const uses = ingressUses(ingresses, ingressClasses.ok ? ingressClasses.value : undefined, secrets);
  const deployments = await readOrWhy(examiner.deployments());
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
