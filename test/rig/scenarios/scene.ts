/** What a scenario has at hand: its namespace, its vault, the bridge, and what can be done and seen there. */

import type { JsonObject } from "../../../local/cluster/json.ts";
import type { KindName } from "../../../local/cluster/kinds.ts";
import type { SetOptions, StoredVersion } from "../../../local/key-vault/stored-version.ts";
import type { ObjectType } from "../../../shared/core/vault-object.ts";
import type { App } from "../../end-to-end/app.ts";
import type { ClassSpec, WorkloadSpec } from "../../scenarios/manifests.ts";
import type { ApiFront } from "../api-front.ts";
import type { ContainerStart } from "../records.ts";
import type { Rig } from "../rig.ts";
import type { Stage } from "./stage.ts";
import type { Witness } from "./witness.ts";

export interface Scene {
  readonly stage: Stage;
  readonly rig: Rig;
  /** `1.5` is driver 1.5.6, `1.6` is 1.6.1. */
  readonly generation: "1.5" | "1.6";
  readonly rotating: boolean;
  readonly namespace: string;
  readonly vault: string;
  /** The bridge that guards the namespace. */
  readonly app: App;
  /** Between the bridge and the API server; only where the scenario has an app of its own. */
  readonly front: ApiFront | undefined;
  readonly witness: Witness;
  /** A second instance of the bridge with a front of its own: of the same queue and table, or of others. */
  another(on: "same-queue" | "own-queue"): Promise<{ readonly app: App; readonly front: ApiFront }>;
  /** Makes a further namespace, `<own name>-<suffix>`, which the bridge guards too. */
  space(suffix: string): Promise<string>;
  /** Server-side apply of class, workload or anything else; `default`s are this scenario's namespace and vault. */
  class(spec: ClassSpec): Promise<void>;
  workload(spec: WorkloadSpec): Promise<void>;
  apply(object: object): Promise<void>;
  patch(kind: KindName, name: string, patch: object, namespace?: string): Promise<void>;
  delete(kind: KindName, name: string, namespace?: string): Promise<void>;
  get(kind: KindName, name: string, namespace?: string): Promise<JsonObject>;
  list(kind: KindName, namespace?: string): Promise<readonly JsonObject[]>;
  /** A version of yesterday, which nobody announces. */
  old(object: string, value: string): StoredVersion;
  /** A new version; outcomes said before it count no more. No event. */
  set(object: string, value: string, options?: SetOptions): StoredVersion;
  /** Puts the version's event on the queue; a secret's where no type is said. */
  announce(object: string, version: StoredVersion, type?: ObjectType): Promise<void>;
  /** `set`, and its event. */
  rotate(object: string, value: string, options?: SetOptions): Promise<StoredVersion>;
  /** The last outcome said of a class, as `waiting(old-mount)`. */
  outcome(className: string, namespace?: string): string | undefined;
  /** Those said of it so far, oldest first. */
  outcomes(className: string, namespace?: string): readonly string[];
  /** What it names. */
  about(className: string, namespace?: string): readonly string[];
  /** Outcomes said before this moment count no more. */
  mark(): void;
  untilOutcome(className: string, wanted: string, atMostMs?: number, namespace?: string): Promise<void>;
  until(what: string, holds: () => boolean | Promise<boolean>, atMostMs?: number): Promise<void>;
  /** The rollout is complete and nothing else of the workload lives. */
  settled(workload: string, namespace?: string): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Container starts of pods of a workload (or of the pod with this name), oldest first. */
  starts(workload: string, namespace?: string): Promise<readonly ContainerStart[]>;
  /** The last start of each of its live pods. */
  live(workload: string, namespace?: string): Promise<readonly ContainerStart[]>;
  /** Names of its live pods. */
  pods(workload: string, namespace?: string): Promise<readonly string[]>;
  /** Text of a key of a Secret; undefined where Secret or key is not there. */
  secretValue(secret: string, key: string, namespace?: string): Promise<string | undefined>;
  /** The driver's look at a pod, now: touches its status. */
  tick(pod: string, namespace?: string): Promise<void>;
  /** The steps that the bridge carried out in its namespaces, as `write Secret/app (k)`. */
  steps(kind: "write" | "restart" | "touch"): readonly string[];
  /** A figure or remark for the reader of the results. */
  note(text: string): void;
}
