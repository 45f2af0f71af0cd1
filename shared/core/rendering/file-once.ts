/** The same version is mounted by many classes and planned with many times, and to read a PFX takes tens of milliseconds. */

import type { ClassObject } from "../provider-class.ts";
import type { ObjectVersion } from "../vault-object.ts";
import { fileContent } from "./file-content.ts";
import type { FileAnswer } from "./file-content.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** Kept as long as the version itself, which is never changed. */
const made = new WeakMap<ObjectVersion, Map<string, FileAnswer>>();

/** Ways of one version to be mounted that are remembered. Classes agree on one, as a rule. */
const mostWays = 8;

/** `fileContent`, done once for each version and each way to mount it. */
export function fileOnce(object: ClassObject, version: ObjectVersion, settings: ProviderSettings): FileAnswer {
  const { type } = object.object;
  // Without a key id a secret is copied, and that takes no longer than looking it up.
  if (type === "secret" && (version.keyId ?? "") === "") return fileContent(object, version, settings);
  const known = made.get(version) ?? new Map<string, FileAnswer>();
  const way = JSON.stringify([type, object.id, object.format, object.encoding, settings]);
  const answer = known.get(way) ?? fileContent(object, version, settings);
  if (known.size < mostWays) known.set(way, answer);
  made.set(version, known);
  return answer;
}
