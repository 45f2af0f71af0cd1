/** A SecretProviderClass as the API server gives it -> {@link ProviderClass}. */

import { z } from "zod";
import { readObjects } from "./class-objects.ts";
import { readParameters } from "./class-parameters.ts";
import { quote } from "./go/text.ts";
import type { ClassContent, ProviderClass, RenderError, SecretObject } from "./provider-class.ts";
import { latestTime } from "./kubernetes/managed-fields.ts";
import { metadataOf } from "./kubernetes/metadata.ts";
import { readSecretObjects } from "./secret-objects.ts";

/** What was parsed has no name or namespace, so it is no object of a cluster. */
export class NotAProviderClass extends Error {
  override readonly name = "NotAProviderClass";
}

/**
 * Reads any version of the CRD (v1 and v1alpha1 have one schema). A class that can't be mounted is an answer:
 * `content.ok` is false and its `secretObjects` are there all the same, so that double claims are seen. That holds for
 * a class of another provider too; the driver compares `spec.provider` exactly.
 * Throws {@link NotAProviderClass} for an object without metadata.name or metadata.namespace, and nothing else.
 */
export function parseProviderClass(raw: unknown): ProviderClass {
  const identity = identityShape.safeParse(raw);
  if (!identity.success) throw new NotAProviderClass("The object has no metadata.name or no metadata.namespace.");
  const { name, namespace } = identity.data.metadata;
  const { annotations, deletionTimestamp } = marksShape.parse(raw).metadata;
  const { spec } = specShape.parse(raw);
  return {
    namespace,
    name,
    deleting: deletionTimestamp !== undefined,
    changedAt: Math.max(metadataOf(raw).createdAt, latestTime(raw, () => true) ?? 0),
    ignored: annotations?.["rotation-bridge/ignore"] === "true",
    provider: spec.provider,
    content: readContent(spec.provider, spec.parameters, readSecretObjects(spec.secretObjects)),
  };
}

const identityShape = z.object({
  metadata: z.object({ name: z.string().min(1), namespace: z.string().min(1) }),
});

const marksShape = z.object({
  metadata: z.object({
    annotations: z.record(z.string(), z.unknown()).optional().catch(undefined),
    deletionTimestamp: z.string().min(1).optional().catch(undefined),
  }),
});

const specShape = z.object({
  spec: z
    .object({
      provider: z.string().catch(""),
      parameters: z.record(z.string(), z.unknown()).catch({}),
      secretObjects: z.unknown().optional(),
    })
    .catch({ provider: "", parameters: {}, secretObjects: [] }),
});

function readContent(
  provider: string,
  parameters: Readonly<Record<string, unknown>>,
  secretObjects: readonly SecretObject[],
): ClassContent {
  const fail = (error: RenderError): ClassContent => ({ ok: false, error, secretObjects });
  if (provider !== "azure")
    return fail({ kind: "invalid", message: `spec.provider is ${quote(provider)}; the bridge reads azure only.` });
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== "string")
      return fail({ kind: "invalid", message: `spec.parameters.${name} is not text; put it in quotes.` });
    texts.set(name, value);
  }
  const read = readParameters(texts);
  if (!read.ok) return fail(read.error);
  const objects = readObjects(read.objects, read.vault);
  if (!objects.ok) return fail(objects.error);
  const cloud = read.cloud === undefined ? {} : { cloud: read.cloud };
  return { ok: true, vault: read.vault, ...cloud, objects: objects.objects, secretObjects };
}
