/** A SecretProviderClassPodStatus (secrets-store.csi.x-k8s.io/v1) -> PodStatus. */

import type { PodStatus } from "../observed.ts";
import { touchAnnotation } from "../marker.ts";
import { annotation, metadataOf, ownersOf } from "./metadata.ts";
import { field, list, text, time } from "./read.ts";

/** Of two entries with the same id the last one wins, as in the driver. */
export function parsePodStatus(raw: unknown): PodStatus {
  const { name, createdAt } = metadataOf(raw);
  const touchedAt = time(annotation(raw, touchAnnotation));
  const objects = list(field(raw, "status", "objects"));
  return {
    name,
    podUid: ownersOf(raw).find((owner) => owner.kind === "Pod")?.uid,
    podName: text(field(raw, "status", "podName")) ?? "",
    className: text(field(raw, "status", "secretProviderClassName")) ?? "",
    createdAt,
    ...(touchedAt === undefined ? {} : { touchedAt }),
    versions: new Map(
      objects.map((object) => [text(field(object, "id")) ?? "", text(field(object, "version")) ?? ""] as const),
    ),
  };
}
