/** What a person's own rights have to do with what a report could not read. */

import { createCredential } from "../shared/adapters/credential.ts";
import type { ObjectNow, Unread } from "../shared/core/plan-report/plan-report-types.ts";

/** Lines for the terminal: nobody is signed in, or who is may not read. Empty where rights are not the reason. */
export async function rightsHint(
  unread: readonly Unread[],
  objects: readonly Pick<ObjectNow, "object" | "problem">[],
): Promise<string> {
  const denied = [...new Set(objects.flatMap(({ object, problem }) => (problem === "forbidden" ? [object] : [])))];
  const lines = denied.map(
    (object) =>
      `Your own sign-in may not read ${object}; whether the bridge may is another matter. Without it the report says less.\n`,
  );
  // Asking takes a moment, so it is asked only where it can be the reason.
  const unsure = unread.length > 0 || objects.some(({ problem }) => problem === "unavailable");
  return lines.join("") + (unsure ? await signInHint() : "");
}

async function signInHint(): Promise<string> {
  const token = await createCredential()
    .getToken("https://vault.azure.net/.default")
    .catch(() => null);
  // Nothing of the SDK's own error is shown: it lists every way to sign in, with ids.
  return token === null ? "No sign-in to Azure was found here. Sign in with az login, and try again.\n" : "";
}
