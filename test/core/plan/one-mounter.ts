/** One workload that mounts a class and reads its Secret by env, restarted by the bridge: what is decided of it? */

import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Memory } from "../../../shared/core/memory.ts";
import type { Driver, Pod, PodStatus, SecretSeen, SyncedSecret, Workload } from "../../../shared/core/observed.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import type { ObjectVersion, VersionAnswer } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  driverOf,
  envRead,
  hour,
  minute,
  noon,
  ours,
  planInput,
  podStatus,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

export const born = new Map([["mail", noon]]);
export const restartedAt = noon + 2 * minute;
export const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
/** Restarted by the bridge for `mail`; it mounts the class and reads the Secret. */
export const app = workloadWithPods({
  kind: "Deployment",
  name: "app",
  pods: 2,
  mounts: ["mails"],
  reads: [envRead("mails", "mail")],
  startedAt: restartedAt,
  marked: [{ name: "mail", createdOn: noon }],
});
export const right = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, noon + minute, "mail")] });

interface Case {
  readonly secret?: SyncedSecret;
  readonly memory?: Partial<Memory>;
  readonly classes?: readonly ProviderClass[];
  readonly policy?: TargetPolicy;
  /** The version of `mail` that all pods show. */
  readonly shows?: string;
  /** Of each pod's status, what is not as usual. */
  readonly statuses?: readonly Partial<PodStatus>[];
  readonly driver?: Driver;
  readonly others?: readonly (readonly [string, SecretSeen])[];
  readonly pods?: readonly Pod[];
  readonly workload?: Workload;
  /** What the vault says of versions that are shown. */
  readonly versions?: ReadonlyMap<string, VersionAnswer>;
  /** What the vault names before a version. */
  readonly before?: ReadonlyMap<string, ObjectVersion | undefined>;
  /** On the template of `app`. */
  readonly marker?: string | undefined;
}

export function decide({
  secret = right,
  memory = {},
  classes = [mails],
  policy,
  shows = "v-mail",
  others = [],
  statuses = [],
  driver = driverOf("1.5", "off"),
  pods = app.pods,
  workload = app.workload,
  versions = new Map(),
  before = new Map(),
  marker = app.workload.marker,
}: Case): Plan {
  const observed = observedOf({
    classes,
    secrets: new Map<string, SecretSeen>([["mails", { kind: "present", secret }], ...others]),
    workloads: [{ ...workload, marker }],
    pods,
    podStatuses: pods.map((pod, index) => ({
      ...podStatus(pod, "mails", []),
      versions: new Map([["secret/mail", shows]]),
      ...statuses[index],
    })),
    driver,
  });
  const view = vaultView(new Map([...born, ["token", noon - hour]]));
  const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
  const vault = { ...view, before, versions: new Map([["contoso/secret/mail@v-before", earlier], ...versions]) };
  const input = planInput(observed, vault, {
    memory: { ...emptyMemory, ...memory },
    ...(policy === undefined ? {} : { policy }),
  });
  return secondLook(input);
}

export function restartMarkers(decided: Plan): readonly string[] {
  return decided.steps.flatMap((step) => (step.kind === "restart" ? [step.marker] : []));
}

export const unknown = { kind: "waiting", reason: "start-unknown", about: ["Deployment/app"] } as const;
export const proven = { kind: "converged", idle: false } as const;
