/** A pod's `.status` as its kubelet writes it. */

import { isObject, listAt, textAt } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { withCondition } from "../objects.ts";
import { seconds } from "../times.ts";

/** What the kubelet knows of one container. */
export interface ContainerState {
  readonly name: string;
  readonly image: string;
  readonly init: boolean;
  state: JsonObject;
  lastState: JsonObject;
  ready: boolean;
  /** It has run at least once. */
  ran: boolean;
  restarts: number;
}

export function initialContainers(pod: JsonObject): readonly ContainerState[] {
  const of = (key: string, init: boolean): readonly ContainerState[] =>
    listAt(pod, "spec", key)
      .filter(isObject)
      .map((container) => ({
        name: textAt(container, "name"),
        image: textAt(container, "image"),
        init,
        state: { waiting: { reason: init ? "PodInitializing" : "ContainerCreating" } },
        lastState: {},
        ready: false,
        ran: false,
        restarts: 0,
      }));
  return [...of("initContainers", true), ...of("containers", false)];
}

/** The status to write: phase, conditions and container states at `now`. */
export function podStatus(
  pod: JsonObject,
  containers: readonly ContainerState[],
  phase: string,
  now: number,
): JsonObject {
  const main = containers.filter((container) => !container.init);
  const ready = phase === "Running" && main.every((container) => container.ready);
  const initialized = containers.every((container) => !container.init || "terminated" in container.state);
  const time = seconds(now);
  let conditions: readonly Json[] = listAt(pod, "status", "conditions");
  const set = (type: string, on: boolean, reason: string): void => {
    const entry = { type, status: on ? "True" : "False", reason: on ? "" : reason, message: "" };
    conditions = withCondition(conditions, entry, time);
  };
  set("Initialized", initialized, "ContainersNotInitialized");
  set("Ready", ready, phase === "Succeeded" ? "PodCompleted" : "ContainersNotReady");
  set("ContainersReady", ready, phase === "Succeeded" ? "PodCompleted" : "ContainersNotReady");
  const init = containers.filter((container) => container.init).map(containerStatus);
  return {
    phase,
    conditions,
    startTime: textAt(pod, "status", "startTime") || time,
    containerStatuses: main.map(containerStatus),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
  };
}

function containerStatus(container: ContainerState): JsonObject {
  return {
    name: container.name,
    image: container.image,
    imageID: "",
    ready: container.ready,
    restartCount: container.restarts,
    started: "running" in container.state,
    state: container.state,
    lastState: container.lastState,
  };
}
