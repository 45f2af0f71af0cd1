/**
 * Messages that make the bridge look where a person says: they go through the queue and are checked against the map as
 * every message is, so they can do no more than an event.
 */

import type { ByHand } from "./core/by-hand.ts";
import { newChain } from "./core/chain.ts";
import { emptyMemory } from "./core/memory.ts";
import type { ObjectHint, Scope, TargetMessage } from "./core/message.ts";
import { type Target, targetKey } from "./core/target.ts";
import { type ObjectType, objectKey } from "./core/vault-object.ts";
import { wholeCluster } from "./find-targets.ts";

/** Where and when a message begins; `id` makes its chain unique. */
export interface Beginning {
  readonly now: number;
  readonly id: string;
}

/** One message a cluster: find who mounts these objects, and look there. */
export function searchMessages(
  clusters: readonly string[],
  hints: readonly ObjectHint[],
  begin: () => Beginning,
): readonly TargetMessage[] {
  return clusters.map((cluster) => messageFor({ cluster, namespace: wholeCluster }, hints, begin()));
}

/**
 * What `rotate` asks for: a look for these objects in each of the clusters, in one namespace or wherever they are
 * mounted, with the word of the person who asks now (`PlanInput.byHand`).
 */
export function rotateMessages(
  hints: readonly ObjectHint[],
  clusters: readonly string[],
  namespace: string | undefined,
  begin: () => Beginning,
): readonly TargetMessage[] {
  const messages =
    namespace === undefined
      ? searchMessages(clusters, hints, begin)
      : clusters.map((cluster) => messageFor({ cluster, namespace }, hints, begin()));
  return messages.map((message) => ({ ...message, byHand: askedNow(hints, begin().now) }));
}

/** The word of a person who asks for these objects. */
export function askedNow(hints: readonly ObjectHint[], now: number): ByHand {
  return Object.fromEntries(hints.map(({ object }) => [object, now]));
}

/** All objects of this name: a certificate is also a secret and a key. */
export function hintsOf(vault: string, name: string): readonly ObjectHint[] {
  const types: readonly ObjectType[] = ["secret", "cert", "key"];
  return types.map((type) => ({ object: objectKey({ vault, type, name }), version: undefined }));
}

/** For a log line. */
export function aboutMessage({ target, scope }: TargetMessage): string {
  const objects = scope === "all" ? [] : [...new Set(scope.map(({ object }) => object))];
  return [targetKey(target), ...objects].join(" ");
}

function messageFor(target: Target, scope: Scope, { now, id }: Beginning): TargetMessage {
  return { kind: "target", v: 1, target, chain: newChain(now, id), scope, memory: emptyMemory };
}
