/** What people do to a cluster with kubectl, on the store. */

import { parseAllDocuments } from "yaml";
import { canonical, equal, isObject, numberAt, objectAt, textAt, toJson, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { isKindName } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { bareTemplate, controlled, nameOf, namespaceOf, newObject } from "./objects.ts";
import { defaultedPodSpec } from "./pods.ts";
import { revisionsOf, templateOf } from "./controllers/revisions.ts";
import type { Store } from "./store.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Objects of a manifest: an object, a list of objects, or YAML text with any number of documents. */
export function parseManifest(manifest: unknown): readonly JsonObject[] {
  const parsed: unknown =
    typeof manifest === "string" ? parseAllDocuments(manifest).map((document): unknown => document.toJS()) : manifest;
  const documents = Array.isArray(parsed) ? parsed.map(toJson) : [toJson(parsed)];
  return documents.filter(isObject);
}

/** `kubectl apply`: creates, or patches what changed since the last apply and leaves the rest. */
export function applyObject(store: Store, manifest: JsonObject): JsonObject {
  const kind = kindOf(manifest);
  const namespace = namespaceOf(manifest) || "default";
  const name = nameOf(manifest);
  const manager = { fieldManager: "kubectl-client-side-apply" };
  const annotations = { ...objectAt(manifest, "metadata", "annotations"), [lastApplied]: canonical(manifest) };
  const wanted = { ...manifest, metadata: { ...objectAt(manifest, "metadata"), annotations } };
  const held = store.find(kind, namespace, name);
  if (held === undefined) {
    const object = newObject(kind, namespace, name, wanted);
    const spec = defaultedPodSpec(objectAt(object, "spec"));
    return store.create(kind, kind === "Pod" ? { ...object, spec, status: { phase: "Pending" } } : object, manager);
  }
  const last = textAt(held, "metadata", "annotations", lastApplied);
  const before: Json = last === "" ? {} : toJson(JSON.parse(last));
  const patch = changes(isObject(before) ? before : {}, wanted, held);
  return store.mergePatch(kind, namespace, name, without(patch, "apiVersion", "kind"), manager);
}

/** `kubectl rollout undo`: the template of the revision before the present one; throws if there is none. */
export function rolloutUndo(store: Store, kind: KindName, namespace: string, name: string): JsonObject {
  const owner = store.get(kind, namespace, name);
  const template = kind === "Deployment" ? previousOfDeployment(store, owner) : previousRevision(store, owner);
  if (template === undefined) throw new Error(`${kind}/${name} has no revision to go back to.`);
  const spec = { ...objectAt(owner, "spec"), template };
  return store.update(kind, { ...owner, spec }, { fieldManager: "kubectl-rollout" });
}

export function kindOf(manifest: JsonObject): KindName {
  const kind = textAt(manifest, "kind");
  if (!isKindName(kind)) throw new Error(`The local cluster knows no kind ${kind}.`);
  return kind;
}

function previousOfDeployment(store: Store, deployment: JsonObject): JsonObject | undefined {
  const revision = (set: JsonObject): number =>
    Number(textAt(set, "metadata", "annotations", "deployment.kubernetes.io/revision"));
  const sets = controlled(store, "ReplicaSet", deployment).toSorted((a, b) => revision(b) - revision(a));
  const previous = sets.find((set) => !equal(bareTemplate(set), bareTemplate(deployment)));
  return previous === undefined ? undefined : bareTemplate(previous);
}

function previousRevision(store: Store, owner: JsonObject): JsonObject | undefined {
  const revisions = revisionsOf(store, owner).toSorted(
    (a, b) => (numberAt(b, "revision") ?? 0) - (numberAt(a, "revision") ?? 0),
  );
  const previous = revisions.find((revision) => !equal(templateOf(revision), objectAt(owner, "spec", "template")));
  return previous === undefined ? undefined : templateOf(previous);
}

/** Three-way: what `wanted` says differently from `held`, and null for what was applied before and is gone. */
function changes(before: JsonObject, wanted: JsonObject, held: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(wanted, key) && Object.hasOwn(held, key)) patch[key] = null;
  }
  for (const [key, value] of Object.entries(wanted)) {
    const now = held[key];
    if (equal(now, value)) continue;
    if (isObject(value) && isObject(now)) {
      const below = changes(objectAt(before, key), value, now);
      if (Object.keys(below).length > 0) patch[key] = below;
    } else if (isObject(value) || !Array.isArray(value) || !equal(before[key], value)) {
      patch[key] = value;
    }
  }
  return patch;
}
