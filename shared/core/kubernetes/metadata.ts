/** What the bridge reads of every Kubernetes object's `metadata`. */

import { field, list, number, text, time } from "./read.ts";

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly deleting: boolean;
  /** Milliseconds since 1970; 0 where it is absent, which counts as older than everything. */
  readonly createdAt: number;
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
}

/** Fields of `metadata`; text that is absent is empty. An API server always sets name and uid. */
export function metadataOf(raw: unknown): Metadata {
  const metadata = field(raw, "metadata");
  return {
    name: text(field(metadata, "name")) ?? "",
    namespace: text(field(metadata, "namespace")) ?? "",
    uid: text(field(metadata, "uid")) ?? "",
    resourceVersion: text(field(metadata, "resourceVersion")) ?? "",
    generation: number(field(metadata, "generation")) ?? 0,
    deleting: time(field(metadata, "deletionTimestamp")) !== undefined,
    createdAt: time(field(metadata, "creationTimestamp")) ?? 0,
  };
}

/** Value of one annotation of an object or of a pod template. */
export function annotation(raw: unknown, name: string): string | undefined {
  return text(field(raw, "metadata", "annotations", name));
}

export function label(raw: unknown, name: string): string | undefined {
  return text(field(raw, "metadata", "labels", name));
}

export function ownersOf(raw: unknown): readonly Owner[] {
  return list(field(raw, "metadata", "ownerReferences")).map((reference) => ({
    kind: text(field(reference, "kind")) ?? "",
    name: text(field(reference, "name")) ?? "",
    uid: text(field(reference, "uid")) ?? "",
    controller: field(reference, "controller") === true,
  }));
}
