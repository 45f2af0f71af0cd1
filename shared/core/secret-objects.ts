/** `spec.secretObjects` of a class: which Secrets the driver makes of the mounted files. */

import { z } from "zod";
import { goTrimSpace, quote } from "./go/text.ts";
import { kubernetesNamePattern } from "./names.ts";
import type { RenderError, SecretObject } from "./provider-class.ts";

/**
 * Reads the entries as the driver does (kubernetes-sigs/secrets-store-csi-driver v1.6.1, ValidateSecretObject and
 * GetSecretData of pkg/util/secretutil): what must not be empty is looked at before it is trimmed. Never throws; what
 * is no entry at all (the API server lets none through) becomes one with an error.
 */
export function readSecretObjects(raw: unknown): readonly SecretObject[] {
  const list = z.array(z.unknown()).safeParse(raw);
  return (list.data ?? []).map((entry) => readSecretObject(entry));
}

/** Names that more than one entry claims: the driver writes each entry in turn, so the last one stays. */
export function namesClaimedTwice(secretObjects: readonly SecretObject[]): ReadonlySet<string> {
  const names = secretObjects.map(({ secretName }) => secretName);
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
}

const entryShape = z.object({
  secretName: z.string().nullish(),
  type: z.string().nullish(),
  data: z.array(z.object({ objectName: z.string().nullish(), key: z.string().nullish() })).nullish(),
});

function readSecretObject(raw: unknown): SecretObject {
  const parsed = entryShape.safeParse(raw);
  if (!parsed.success)
    return {
      secretName: nameOf(raw),
      type: "",
      data: [],
      error: invalid("An entry of spec.secretObjects is malformed."),
    };
  const secretName = goTrimSpace(parsed.data.secretName ?? "");
  const type = goTrimSpace(parsed.data.type ?? "");
  const data = (parsed.data.data ?? []).map(({ objectName, key }) => ({
    objectName: goTrimSpace(objectName ?? ""),
    key: goTrimSpace(key ?? ""),
  }));
  const typeGiven = (parsed.data.type ?? "") !== "";
  const error = entryProblem(secretName, typeGiven, data);
  return { secretName, type: type === "" ? "Opaque" : type, data, error };
}

function entryProblem(secretName: string, typeGiven: boolean, data: SecretObject["data"]): RenderError | undefined {
  // A name of blanks passes the driver's own check and is refused by the API server.
  if (secretName === "") return invalid("An entry of spec.secretObjects has no secretName; name the Secret.");
  const where = `spec.secretObjects, Secret ${quote(secretName)}`;
  // The API server lets no such Secret be made. As part of a request's path `.` would be the list of all Secrets.
  if (!kubernetesNamePattern.test(secretName))
    return invalid(`${where}: no Secret can have this name; use lower-case letters, digits, "-" and ".".`);
  if (!typeGiven) return invalid(`${where}: type is missing; write Opaque or another type.`);
  if (data.length === 0) return invalid(`${where}: data is empty; name at least one object.`);
  if (data.some(({ objectName }) => objectName === ""))
    return invalid(`${where}: an entry of data has no objectName; name a mounted file.`);
  if (data.some(({ key }) => key === "")) return invalid(`${where}: an entry of data has no key; name one.`);
  return undefined;
}

function nameOf(raw: unknown): string {
  const named = z.object({ secretName: z.string() }).safeParse(raw);
  return goTrimSpace(named.data?.secretName ?? "");
}

function invalid(message: string): RenderError {
  return { kind: "invalid", message };
}
