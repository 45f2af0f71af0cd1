import type { Step } from "./plan-types.ts";

/** One line a person can read: `write Secret/app (color)`. */
export function describe(step: Step): string {
  switch (step.kind) {
    case "write":
      return `write Secret/${step.secret} (${[...step.data.keys()].join(", ")})`;
    case "restart":
      return `restart ${step.workload.kind}/${step.workload.name}`;
    case "touch":
      return `touch SecretProviderClassPodStatus/${step.podStatus}`;
  }
}
