/** What a person should know although nothing stands in the way. */

import type { Warning } from "./plan-types.ts";
import type { ActiveClass } from "./look.ts";

/** `now` in milliseconds since 1970, like the dates of the versions. */
export function dateWarnings(owners: readonly ActiveClass[], now: number): readonly Warning[] {
  const warnings = new Map<string, Warning>();
  for (const { wanted } of owners.flatMap((owner) => owner.objects)) {
    const { version, expiresOn, notBefore } = wanted.current;
    const problem =
      expiresOn !== undefined && expiresOn <= now
        ? "expired"
        : notBefore !== undefined && notBefore > now
          ? "not-yet-valid"
          : undefined;
    if (problem !== undefined) warnings.set(wanted.key, { object: wanted.key, version, problem });
  }
  return [...warnings.values()];
}
