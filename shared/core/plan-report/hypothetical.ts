/**
 * The look that the bridge would have if an object got a new version now: what the cluster says as it is, and of the
 * vault the same bytes under another version. Never acted on; only obstacles and dependents are taken from it.
 */

import type { PlanInput, VaultView } from "../plan/plan-types.ts";
import { versionKey } from "../plan/plan-types.ts";
import type { ProviderClass } from "../provider-class.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultAnswer, VersionListAnswer } from "../vault-object.ts";

/** No vault gives such an id, so nothing in a cluster shows it. */
const newVersion = "to-come";

/** `objects`: keys (`objectKey`) that get the new version. Objects of which the vault gives nothing stay as they are. */
export function withNewVersion(input: PlanInput, objects: ReadonlySet<string>): PlanInput {
  const answers = new Map<string, VaultAnswer>(input.vault.answers);
  const lists = new Map<string, VersionListAnswer>(input.vault.lists);
  const before = new Map(input.vault.before);
  for (const item of input.observed.classes) {
    for (const { object, history } of objectsOf(item)) {
      const key = objectKey(object);
      const list = lists.get(key);
      const known = list?.ok === true ? list.versions.find(({ enabled }) => enabled)?.version : undefined;
      const answer = answers.get(fetchKey(object, history > 1 ? known : undefined));
      if (!objects.has(key) || answer?.ok !== true) continue;
      const current = { ...answer.current, version: newVersion, createdOn: input.now };
      answers.set(fetchKey(object, history > 1 ? newVersion : undefined), { ok: true, current });
      before.set(versionKey(key, newVersion), undefined);
      if (list?.ok === true && list.versions[0]?.version !== newVersion) {
        const entry = { version: newVersion, createdOn: input.now, enabled: true };
        lists.set(key, { ok: true, versions: [entry, ...list.versions] });
      }
    }
  }
  const vault: VaultView = { ...input.vault, answers, lists, before };
  return { ...input, vault };
}

function objectsOf(item: ProviderClass) {
  return item.content.ok ? item.content.objects.filter(({ pin }) => pin === undefined) : [];
}
