/** How a person names the bridge's identity in a cluster. */

import { clientIdPattern } from "../shared/core/names.ts";

/** An object id, or for a cluster without Entra ID a service account's name. `option` is for the sentence. */
export function userProblem(option: string, user: string): readonly string[] {
  if (clientIdPattern.test(user)) return [];
  if (/^system:serviceaccount:[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}$/.test(user)) return [];
  return [`${option} is no UUID. Take the identity's principalId, not its name: az identity show --query principalId.`];
}
