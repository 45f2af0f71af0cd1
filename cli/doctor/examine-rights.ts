/** Asks a cluster for the rights that the bridge needs there, as far as the caller may ask. */

import type { Examiner } from "../../shared/adapters/kubernetes/examiner.ts";
import { forEachBounded } from "../../shared/bounded.ts";
import { checkRights, rightsOf } from "../../shared/core/doctor/check-rights.ts";
import type { AskedRight, RightsFacts } from "../../shared/core/doctor/check-rights.ts";
import type { Check } from "../../shared/core/doctor/check.ts";
import type { ProviderClass } from "../../shared/core/provider-class.ts";
import { neededRights } from "../../shared/core/rbac-rules.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { ClusterSubject } from "./cluster-subject.ts";
import { readOrWhy, unreadable } from "./read-or-why.ts";

export async function examineRights(
  subject: ClusterSubject,
  classes: readonly ProviderClass[],
): Promise<readonly Check[]> {
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
  const asked = await readOrWhy(examiner.allowed(first, user));
  if (asked.ok) return { kind: "bridge", user };
  if (asked.problem.kind !== "forbidden") throw asked.problem;
  return { kind: "caller", user: caller, why: "not-allowed" };
}
