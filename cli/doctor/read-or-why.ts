/** What cannot be read becomes a warning beside what can be, and does not end the looking. */

import { warning } from "../../shared/core/doctor/check.ts";
import type { Check } from "../../shared/core/doctor/check.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";

export type ReadOrWhy<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: RemoteProblem };

/** What is no RemoteProblem is a defect of ours, and is thrown. */
export async function readOrWhy<T>(reading: Promise<T>): Promise<ReadOrWhy<T>> {
  try {
    return { ok: true, value: await reading };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ok: false, problem: error };
    throw error;
  }
}

export function unreadable(found: RemoteProblem): Check {
  return warning(`This could not be looked at: ${found.message}`, "Sign in as somebody who may read it.");
}
