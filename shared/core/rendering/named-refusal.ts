/** Which reason of reasons.ts a rendering that is not made is refused with: the same in a plan and in the CLI. */

import type { RenderError } from "../provider-class.ts";
import type { RefusedReason } from "../reasons.ts";
import type { VaultProblem } from "../vault-object.ts";
import type { NotMounted } from "./render.ts";

export interface NamedRefusal {
  readonly reason: RefusedReason;
  /** Objects by their `objectKey`, or else the sentence that names field and mend. */
  readonly about: readonly string[];
  /** Whether it is the vault's word on single objects. */
  readonly ofObjects: boolean;
}

/** Undefined where the vault may yet give what is missing. */
export function mountRefusal({ problems, error }: NotMounted): NamedRefusal | undefined {
  for (const [problem, reason] of objectReasons) {
    const about = problems.filter((item) => item.problem === problem).map(({ object }) => object);
    if (about.length > 0) return { reason, about, ofObjects: true };
  }
  return problems.length > 0 ? undefined : { reason: classReason(error), about: [error.message], ofObjects: false };
}

export function classReason({ kind }: RenderError): RefusedReason {
  return kind === "unsupported" ? "unsupported" : "class-invalid";
}

export function secretReason({ kind }: RenderError): RefusedReason {
  return secretReasons[kind];
}

/** In the order in which they are told. */
const objectReasons: ReadonlyMap<VaultProblem, RefusedReason> = new Map([
  ["not-found", "object-missing"],
  ["disabled", "object-disabled"],
  ["forbidden", "object-forbidden"],
]);

const secretReasons = { invalid: "secret-invalid", unsupported: "unsupported", harmful: "unusable-tls" } as const;
