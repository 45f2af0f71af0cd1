/** What really happened in a namespace of the rig, as the API server told it: never the bridge's own words. */

import { isDeepStrictEqual } from "node:util";
import { at, canonical, textAt } from "../../../local/cluster/json.ts";
import { nameOf } from "../../../local/cluster/objects.ts";
import type { Rig } from "../rig.ts";
import { type Seen, watchKind } from "../watch.ts";

export interface Witness {
  /** Times at which the pod template of a workload (`Deployment/app`) changed. */
  restarts(workload: string): readonly number[];
  /** Workloads in the order in which their templates changed. */
  order(): readonly string[];
  /** How often a Secret was deleted. */
  lost(secret: string): number;
  /** Distinct values that a key of a Secret has had, in order. */
  values(secret: string, key: string): readonly string[];
  /** As `values`, of several keys together. */
  states(secret: string, keys: readonly string[]): readonly (readonly string[])[];
  /** As `values`, with the time of each; milliseconds since 1970. */
  history(secret: string, key: string): readonly { readonly value: string; readonly at: number }[];
  /** Throws if it missed something. */
  check(): void;
  close(): Promise<void>;
}

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;

/** Watches the namespace from now on. */
export async function witness(rig: Rig, namespace: string): Promise<Witness> {
  const templates = new Map<string, string>();
  const changes: { readonly name: string; readonly at: number }[] = [];
  const secrets: Seen[] = [];
  const watches = await Promise.all([
    ...workloadKinds.map((kind) =>
      watchKind(rig, kind, namespace, ({ object, at: when }) => {
        const name = `${kind}/${nameOf(object)}`;
        const template = canonical(at(object, "spec", "template") ?? null);
        if (templates.has(name) && templates.get(name) !== template) changes.push({ name, at: when });
        templates.set(name, template);
      }),
    ),
    watchKind(rig, "Secret", namespace, (seen) => void secrets.push(seen)),
  ]);
  const contents = (secret: string) =>
    secrets.filter(({ type, object }) => type !== "DELETED" && nameOf(object) === secret);
  const valueOf = ({ object }: Seen, key: string) => Buffer.from(textAt(object, "data", key), "base64").toString();
  const history = (secret: string, key: string) =>
    contents(secret)
      .map((seen) => ({ value: valueOf(seen, key), at: seen.at }))
      .filter(({ value }, index, all) => value !== all[index - 1]?.value);
  return {
    restarts: (workload) => changes.filter(({ name }) => name === workload).map((change) => change.at),
    order: () => changes.map(({ name }) => name),
    lost: (secret) => secrets.filter(({ type, object }) => type === "DELETED" && nameOf(object) === secret).length,
    values: (secret, key) => history(secret, key).map(({ value }) => value),
    states: (secret, keys) =>
      contents(secret)
        .map((seen) => keys.map((key) => valueOf(seen, key)))
        .filter((state, index, all) => !isDeepStrictEqual(state, all[index - 1])),
    history,
    check: () => {
      for (const watching of watches) {
        const broken = watching.broken();
        if (broken !== undefined) throw new Error(broken);
      }
    },
    close: async () => void (await Promise.all(watches.map((watching) => watching.close()))),
  };
}
