/** Which vectors the bridge renders, told from what the case itself says and never from its name or outcome. */

import type { VectorCase } from "./cases.ts";

export type Category =
  | "volume attributes of a pod"
  | "credentials of a pod"
  | "certificate-backed secret"
  | "objectType cert or key"
  | "objectVersionHistory"
  | "objectFormat"
  | "kubernetes.io/tls";

/**
 * Why a case is left out of the comparison; undefined for one that must be rendered. `byPod` categories hang on what
 * is not in a class at all: the engine refuses such pods, or the pod would not run.
 */
export function leftOutFor(vector: VectorCase): Category | undefined {
  const objects = vector.parameters["objects"] ?? "";
  if (vector.volumeAttributes !== undefined) return "volume attributes of a pod";
  if (!identityModes.some((name) => (vector.parameters[name] ?? "").trim() !== "")) return "credentials of a pod";
  if (Object.values(vector.vault.secrets).some((versions) => versions.some(({ kid }) => (kid ?? "") !== "")))
    return "certificate-backed secret";
  if (/objectType\W+(?:cert|key)\b/.test(objects)) return "objectType cert or key";
  // 0, 1, negative numbers and null ask for the current version only.
  if (objects.replaceAll(/objectVersionHistory: (?:-\d+|[01]|~)$/gm, "").includes("objectVersionHistory"))
    return "objectVersionHistory";
  if (/objectFormat\W+\w/.test(objects)) return "objectFormat";
  if (vector.secretObjects.some(({ type }) => type?.trim() === "kubernetes.io/tls")) return "kubernetes.io/tls";
  return undefined;
}

export const byPod: ReadonlySet<Category> = new Set(["volume attributes of a pod", "credentials of a pod"]);

const identityModes = ["usePodIdentity", "useVMManagedIdentity", "useAzureTokenProxy"];
