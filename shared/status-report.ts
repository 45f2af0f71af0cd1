/** `status`: which pod runs which version, beside the vault's current one. For the CLI and the HTTP function. */

import { matchesAny } from "./core/pattern.ts";
import { isCurrent, reportStatus } from "./core/status-report/report-status.ts";
import type { StatusReport } from "./core/status-report/status-report-types.ts";
import type { VersionLists } from "./core/rendering/version-history.ts";
import { objectKey } from "./core/vault-object.ts";
import type { VersionListAnswer } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import { allTargets } from "./find-targets.ts";
import { lookOnly } from "./look-only.ts";
import type { Look, ReportPorts } from "./look-only.ts";
import { byTarget, unreadOf } from "./plan-report.ts";
import type { Vault } from "./ports.ts";

export interface StatusRequest {
  /** Patterns of namespaces; all mapped ones where absent. */
  readonly namespaces?: readonly string[];
}

/** Reads and never writes. Throws only for a defect. */
export async function statusReport({ namespaces }: StatusRequest, ports: ReportPorts): Promise<StatusReport> {
  ports.progress?.("Searching the clusters' classes");
  const { targets, unsearched } = await allTargets(ports.map, ports.clusters);
  const mapped = targets.map(({ target }) => target);
  const chosen = mapped.filter(({ namespace }) => namespaces === undefined || matchesAny(namespaces, namespace));
  const results = await lookOnly(chosen, "all", ports);
  const looks = results.flatMap((result) => (result.ok ? [result] : []));
  const listed = await listForbidden(looks, ports.vault);
  const reports = looks.map(({ input, plan }) => reportStatus(input, plan, listed));
  const unread = [
    ...unsearched.map(({ cluster, problem }) => unreadOf({ cluster }, problem)),
    ...results.flatMap((result) => (result.ok ? [] : [unreadOf(result.target, result.problem)])),
  ];
  // Of a namespace that is not there nothing is known. A script that waits for a misspelled one must not go on.
  const found = (namespaces ?? []).every((name) => mapped.some(({ namespace }) => matchesAny([name], namespace)));
  return {
    allCurrent: found && unread.length === 0 && reports.every(isCurrent),
    targets: reports.sort(byTarget),
    unread,
  };
}

const mostListsAtOnce = 16;

/** Who may not read a value may still list versions, which is enough to say which one is current. */
async function listForbidden(looks: readonly Look[], vault: Vault): Promise<VersionLists> {
  const objects = looks.flatMap(({ input }) =>
    input.observed.classes.flatMap(({ content }) => (content.ok ? content.objects.map(({ object }) => object) : [])),
  );
  const answers = new Map(looks.flatMap(({ input }) => [...input.vault.answers]));
  const wanted = new Map(objects.map((object) => [objectKey(object), object]));
  const forbidden = [...wanted].filter(([key]) => {
    const answer = answers.get(key);
    return answer?.ok === false && answer.problem === "forbidden";
  });
  const lists = await forEachBounded(
    forbidden,
    mostListsAtOnce,
    async ([key, object]) => [key, await vault.versions(object)] as const,
  );
  return new Map<string, VersionListAnswer>(
    lists.flatMap((result) => {
      if (result.status === "rejected") throw result.reason;
      return [result.value];
    }),
  );
}
