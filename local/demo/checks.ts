/** Did what the demo shows really happen? */

import type { VaultStore } from "../key-vault/vault-store.ts";
import type { AppLog } from "./app-log.ts";
import type { Lab } from "./lab.ts";
import { replicas, vaultName } from "./lab-manifests.ts";
import { connectionString } from "./vault-set-up.ts";
import type { AppWords } from "./watch-app.ts";

/** What is not as it should be after one rotation to this colour; empty if all is well. */
export function wrongAfterRotation(
  lab: Lab,
  vault: VaultStore,
  words: AppWords,
  log: AppLog,
  colour: string,
): readonly string[] {
  const current = vault.versions(vaultName, "color").at(-1)?.version;
  const pods = lab.readyPods();
  const right = pods.filter((pod) => pod.colour === colour && pod.mounted === colour && pod.version === current);
  const checks: readonly (readonly [boolean, string])[] = [
    [
      lab.pods().length === replicas && right.length === replicas,
      `${right.length} of ${replicas} pods are ${colour} in environment, mounted file and version.`,
    ],
    [lab.secret("color") === colour, "The Secret's color is not the vault's."],
    [
      lab.secret("db-connection-string") === connectionString,
      "The Secret's db-connection-string is not the vault's any more.",
    ],
    [lab.restarts() === 1, `The Deployment was restarted ${lab.restarts()} times, not once.`],
    [lab.starts() === 2 * replicas, `${lab.starts()} containers were started in all, not ${2 * replicas}.`],
    [
      words.outcomes.at(-1) === "converged" && words.done.at(-1) === "converged",
      `The bridge's last words are ${words.outcomes.at(-1) ?? "none"} and ${words.done.at(-1) ?? "none"}, not converged.`,
    ],
    [!log.holds(connectionString) && !log.holds(colour), "A secret value is in the app's log."],
  ];
  return checks.flatMap(([well, wrong]) => (well ? [] : [wrong]));
}
