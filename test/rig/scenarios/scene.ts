/** One scenario in one mode: its namespace and vault, what is done there, and what is true there afterwards. */

import assert from "node:assert/strict";
import { textAt } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import type { KindName } from "../../../local/cluster/kinds.ts";
import { newVersionEvent } from "../../../local/key-vault/events.ts";
import type { SetOptions, StoredVersion } from "../../../local/key-vault/stored-version.ts";
import type { ObjectType } from "../../../shared/core/vault-object.ts";
import type { App } from "../../end-to-end/app.ts";
import { type ClassSpec, providerClass, workload, type WorkloadSpec } from "../../scenarios/manifests.ts";
import { mergePatch } from "../api.ts";
import type { ApiFront } from "../api-front.ts";
import { collection, objectOf } from "../holdings.ts";
import type { ContainerStart } from "../records.ts";
import type { Rig } from "../rig.ts";
import { until } from "../until.ts";
import { hasOwnApp, spaceOf, type Stage, vaultOf } from "./stage.ts";
import type { Scenario } from "./scenario.ts";
import { type Witness, witness } from "./witness.ts";
import { rolledOut } from "./rolled-out.ts";

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

/** Sets the scene and plays the scenario on it; throws what it throws. Removes what it made. */
export async function play(stage: Stage, scenario: Scenario, note: (text: string) => void): Promise<void> {
  const name = stage.nameOf(scenario);
  const own = hasOwnApp(scenario) ? await stage.startApp(scenario, name) : undefined;
  const namespace = spaceOf(scenario, name);
  const spaces = [namespace];
  const { rig } = stage;
  await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const seen = await witness(rig, namespace);
  try {
    await scenario.run(sceneOf(stage, scenario, spaces, own?.app ?? stage.app, own?.front, seen, note));
    seen.check();
  } finally {
    await seen.close();
    await own?.app.close();
    for (const space of spaces) {
      if (space === "default") await empty(rig);
      else await rig.admin.call("DELETE", `/api/v1/namespaces/${space}`);
    }
  }
}

function sceneOf(
  stage: Stage,
  scenario: Scenario,
  spaces: string[],
  app: App,
  front: ApiFront | undefined,
  seen: Witness,
  note: (text: string) => void,
): Scene {
  const { rig, vault: store, mode } = stage;
  const name = stage.nameOf(scenario);
  const { admin } = rig;
  const [namespace = ""] = spaces;
  const vault = vaultOf(name);
  let marked = app.said("outcome").length;
  const told = (className: string, space: string) =>
    app
      .said("outcome")
      .slice(marked)
      .filter((line) => line["target"] === `rig/${space}` && line["class"] === className);
  const path = (kind: KindName, space: string, object?: string) =>
    `${collection(kind, space)}${object === undefined ? "" : `/${object}`}`;

  const scene: Scene = {
    stage,
    rig,
    generation: mode.driver === "1.5.6" ? "1.5" : "1.6",
    rotating: mode.rotation === "on",
    namespace,
    vault,
    app,
    front,
    witness: seen,
    another: (on) => {
      const { name: queue } = app.queue;
      const same = { ROTATION_QUEUE: queue, ROTATION_HISTORY_TABLE: `history${queue.replaceAll("-", "")}` };
      return stage.startApp(scenario, `${name}-other`, on === "same-queue" ? same : {});
    },
    space: async (suffix) => {
      const space = `${name}-${suffix}`;
      spaces.push(space);
      await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: space } });
      return space;
    },
    class: (spec) => scene.apply(providerClass({ namespace, vault, ...spec })),
    workload: (spec) => scene.apply(workload({ namespace, ...spec })),
    apply: async (object) => void (await admin.apply(object)),
    patch: async (kind, object, patch, space = namespace) =>
      void (await admin.must("PATCH", `${path(kind, space, object)}?fieldManager=kubectl-edit`, patch, mergePatch)),
    delete: async (kind, object, space = namespace) => void (await admin.must("DELETE", path(kind, space, object))),
    get: async (kind, object, space = namespace) => objectOf(await admin.must("GET", path(kind, space, object))),
    list: async (kind, space = namespace) => {
      const { items } = objectOf(await admin.must("GET", path(kind, space)));
      return Array.isArray(items) ? items.map(objectOf) : [];
    },
    old: (object, value) => store.setSecret(vault, object, value, { createdOn: Date.now() - 86_400_000 }),
    set: (object, value, options) => {
      scene.mark();
      return store.setSecret(vault, object, value, options);
    },
    announce: (object, version, type) => app.deliver(newVersionEvent(vault, object, version, "event-grid", type)),
    rotate: async (object, value, options) => {
      const version = scene.set(object, value, options);
      await scene.announce(object, version);
      return version;
    },
    outcome: (className, space) => scene.outcomes(className, space).at(-1),
    outcomes: (className, space = namespace) =>
      told(className, space).map(({ outcome, reason }) =>
        typeof reason === "string" ? `${String(outcome)}(${reason})` : String(outcome),
      ),
    about: (className, space = namespace) => {
      const about = told(className, space).at(-1)?.["about"];
      return Array.isArray(about) ? about.map(String) : [];
    },
    mark: () => {
      marked = app.said("outcome").length;
    },
    untilOutcome: (className, wanted, atMostMs, space) =>
      scene.until(`${className} ${wanted}`, () => scene.outcome(className, space) === wanted, atMostMs),
    until: async (what, holds, atMostMs = 120_000) => {
      try {
        await until(what, rig, async () => holds(), atMostMs);
      } catch (error) {
        assert.fail(
          `${error instanceof Error ? error.message : what}${causeOf(error)}\n${timeline(app, name, spaces)}`,
        );
      }
    },
    settled: (reference, space = namespace) =>
      scene.until(`the rollout of ${reference}`, () => rolledOut(scene, reference, space)),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    starts: async (reference, space = namespace) =>
      (await rig.starts()).filter((start) => start.namespace === space && isOf(start.pod, reference)),
    live: async (reference, space = namespace) => {
      const pods = new Set(await livePods(scene, reference, space));
      const starts = (await scene.starts(reference, space)).filter(({ podUid }) => pods.has(podUid));
      return [...new Map(starts.map((start) => [start.podUid, start])).values()];
    },
    pods: async (reference, space = namespace) => {
      const uids = new Set(await livePods(scene, reference, space));
      const pods = await scene.list("Pod", space);
      return pods
        .filter((pod) => uids.has(textAt(pod, "metadata", "uid")))
        .map((pod) => textAt(pod, "metadata", "name"));
    },
    secretValue: async (secret, key, space = namespace) => {
      const { status, body } = await admin.call("GET", path("Secret", space, secret));
      if (status === 404) return undefined;
      assert.equal(status, 200);
      const text = textAt(objectOf(body), "data", key);
      return text === "" ? undefined : Buffer.from(text, "base64").toString();
    },
    tick: async (pod, space = namespace) => {
      const statuses = await scene.list("SecretProviderClassPodStatus", space);
      for (const status of statuses.filter((one) => textAt(one, "status", "podName") === pod)) {
        const annotations = { "example/looked-at": new Date().toISOString() };
        await scene.patch(
          "SecretProviderClassPodStatus",
          textAt(status, "metadata", "name"),
          { metadata: { annotations } },
          space,
        );
      }
    },
    steps: (kind) =>
      app
        .said("step")
        .filter((line) => spaces.some((space) => line["target"] === `rig/${space}`))
        .map((line) => String(line["step"]))
        .filter((step) => step.startsWith(kind)),
    note,
  };
  return scene;
}

/** `app` has the pods `app-0` and `app-5d9c-x7`; a bare pod has its own name. */
function isOf(pod: string, workloadName: string): boolean {
  return pod === workloadName || new RegExp(`^${workloadName}(-[a-z0-9]{4,10})?-[a-z0-9]{1,6}$`).test(pod);
}

async function livePods(scene: Scene, workloadName: string, space: string): Promise<readonly string[]> {
  const pods = await scene.list("Pod", space);
  return pods
    .filter((pod) => isOf(textAt(pod, "metadata", "name"), workloadName))
    .filter((pod) => textAt(pod, "metadata", "deletionTimestamp") === "")
    .filter((pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase")))
    .map((pod) => textAt(pod, "metadata", "uid"));
}

/** The namespace `default` stays; what scenarios put there goes. */
async function empty({ admin }: Rig): Promise<void> {
  for (const kind of ["Deployment", "SecretProviderClass"] as const)
    await admin.call("DELETE", collection(kind, "default"));
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? ` (${cause.message})` : "";
}

/** What the bridge said of this scenario, last lines last. */
function timeline(app: App, name: string, spaces: readonly string[]): string {
  const lines = app.lines.map(({ message }) => message);
  const about = lines.filter((line) => [name, ...spaces].some((word) => line.includes(word)));
  return about.slice(-40).join("\n");
}
