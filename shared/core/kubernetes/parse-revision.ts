/** A ReplicaSet or ControllerRevision -> Revision: what `kubectl rollout undo` could go back to. */

import { markerAnnotation } from "../marker.ts";
import type { Revision } from "../observed.ts";
import { latestTime } from "./managed-fields.ts";
import { annotation, metadataOf, ownersOf } from "./metadata.ts";
import { field } from "./read.ts";

/** A ControllerRevision holds the pod template as a patch, under `data.spec.template`. */
export function parseRevision(kind: Revision["kind"], raw: unknown): Revision {
  const { name, uid } = metadataOf(raw);
  const template = kind === "ReplicaSet" ? field(raw, "spec", "template") : field(raw, "data", "spec", "template");
  return {
    kind,
    name,
    uid,
    ownerUid: ownersOf(raw).find((owner) => owner.controller)?.uid,
    marker: annotation(template, markerAnnotation),
    // Its status goes on changing while its last pods end.
    changedAt: latestTime(raw, ({ fields }) => field(fields, "f:status") === undefined),
  };
}
