/** Looks on at a whole rig: Secrets and pods as the API server tells of them, container starts as the kubelets wrote them. */

import { textAt } from "../../../local/cluster/json.ts";
import { nameOf, namespaceOf } from "../../../local/cluster/objects.ts";
import type { ContainerStart } from "../records.ts";
import type { Rig } from "../rig.ts";
import { type Seen, watchKind } from "../watch.ts";
import { key, secretName, variable } from "./application.ts";
import type { History } from "./sample.ts";

export interface Observer {
  /** So far; container starts are up to `refreshMs` late. */
  history(namespace: string): History;
  /** Reads the container starts now. */
  refresh(): Promise<void>;
  /** Throws if it missed something. */
  check(): void;
  close(): Promise<void>;
}

interface Life {
  readonly uid: string;
  readonly from: number;
  until: number | undefined;
}

const refreshMs = 1000;

export async function observe(rig: Rig): Promise<Observer> {
  const secrets = new Map<string, { readonly value: string; readonly at: number }[]>();
  const pods = new Map<string, Map<string, Life>>();
  let starts: readonly ContainerStart[] = [];
  let broken: unknown;

  function secretSeen({ type, object, at }: Seen): void {
    if (type === "DELETED" || nameOf(object) !== secretName) return;
    const values = of(secrets, namespaceOf(object), () => []);
    const value = Buffer.from(textAt(object, "data", key), "base64").toString();
    if (values.at(-1)?.value !== value) values.push({ value, at });
  }

  function podSeen({ type, object, at }: Seen): void {
    const uid = textAt(object, "metadata", "uid");
    const life = of(
      of(pods, namespaceOf(object), () => new Map<string, Life>()),
      uid,
      () => ({ uid, from: at, until: undefined }),
    );
    const ended =
      type === "DELETED" ||
      textAt(object, "metadata", "deletionTimestamp") !== "" ||
      ["Succeeded", "Failed"].includes(textAt(object, "status", "phase"));
    if (ended) life.until ??= at;
  }

  const watches = await Promise.all([watchKind(rig, "Secret", "", secretSeen), watchKind(rig, "Pod", "", podSeen)]);
  const refresh = async () => {
    starts = await rig.starts();
  };
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => {
      broken ??= error;
    });
  }, refreshMs);

  return {
    history: (namespace) => ({
      secret: secrets.get(namespace) ?? [],
      pods: [...(pods.get(namespace)?.values() ?? [])],
      starts: starts
        .filter((start) => start.namespace === namespace)
        .map((start) => ({ podUid: start.podUid, at: start.startedAt, value: start.env[variable] ?? "" })),
    }),
    refresh,
    check: () => {
      if (broken !== undefined)
        throw broken instanceof Error ? broken : new Error("Container starts could not be read.");
      for (const watching of watches) {
        const problem = watching.broken();
        if (problem !== undefined) throw new Error(problem);
      }
    },
    close: async () => {
      clearInterval(timer);
      await Promise.all(watches.map((watching) => watching.close()));
    },
  };
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
