/** Whether the cage stands in a cluster. A yes is kept for ten minutes; a no is asked again, so that mending it helps at once. */

import { judgeCage } from "../../core/kubernetes/cage.ts";
import type { Cage } from "../../core/kubernetes/cage.ts";
import { field, text } from "../../core/kubernetes/read.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { Clock } from "../../ports.ts";

export interface CageSource {
  /** The policy's object; throws `not-found` where it is not there. */
  readCagePolicy(): Promise<unknown>;
  readCageBinding(): Promise<unknown>;
  /** Who the API server takes us for: a SelfSubjectReview. */
  whoAmI(): Promise<unknown>;
}

const keepMs = 600_000;

/** Throws a RemoteProblem only where the cluster does not answer; what may not be read is a no that names the rule. */
export function createCageFacts(source: CageSource, clock: Clock): () => Promise<Cage> {
  let goodUntil = Number.NEGATIVE_INFINITY;

  async function read(): Promise<Cage> {
    try {
      const [policy, binding, review] = await Promise.all([
        undefinedIfMissing(source.readCagePolicy()),
        undefinedIfMissing(source.readCageBinding()),
        // Kubernetes before 1.28 has no such question.
        undefinedIfMissing(source.whoAmI()),
      ]);
      const user = text(field(review, "status", "userInfo", "username"));
      if (user === undefined) return { stands: false, why: "The API server does not say who it takes the bridge for." };
      return judgeCage({ policy, binding, user });
    } catch (error) {
      if (error instanceof RemoteProblem && error.kind === "forbidden") return { stands: false, why: error.message };
      throw error;
    }
  }

  return async () => {
    if (clock.now() < goodUntil) return { stands: true };
    const cage = await read();
    if (cage.stands) goodUntil = clock.now() + keepMs;
    return cage;
  };
}

async function undefinedIfMissing(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem && error.kind === "not-found") return undefined;
    throw error;
  }
}
