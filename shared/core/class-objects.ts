/** `parameters.objects` of a class: which objects it mounts, where, and how. */

import { goTrimSpace, quote } from "./go/text.ts";
import { decodeYaml } from "./go/yaml-decode.ts";
import type { FieldKind, YamlFields } from "./go/yaml-decode.ts";
import { longestYaml } from "./go/yaml-text.ts";
import { pathProblem } from "./mount-path.ts";
import type { ClassObject, RenderError } from "./provider-class.ts";
import type { ObjectType } from "./vault-object.ts";

export type ObjectsAnswer =
  | { readonly ok: true; readonly objects: readonly ClassObject[] }
  | { readonly ok: false; readonly error: RenderError };

/**
 * Reads the trimmed text of `objects`: YAML with a list `array` of texts, each YAML again. Rules and their order:
 * Azure/secrets-store-csi-driver-provider-azure v1.8.2, pkg/provider (provider.go, validate.go). What can't succeed
 * whatever the vault holds is an error here too, although the provider notices it only when it asks the vault.
 */
export function readObjects(text: string, vault: string): ObjectsAnswer {
  const outer = decodeYaml(text, outerFields);
  if (!outer.ok) return refuse(outer.kind, `spec.parameters.objects cannot be read: ${outer.message}.`);
  const items = outer.fields.lists.get("array") ?? [];
  // Aliases let a short text name a long item many times over.
  if (items.reduce((sum, item) => sum + item.length, 0) > longestYaml)
    return refuse(
      "unsupported",
      `spec.parameters.objects: its items together are longer than ${longestYaml} characters.`,
    );
  const objects: ClassObject[] = [];
  for (const [index, item] of items.entries()) {
    const where = `spec.parameters.objects, item ${index}`;
    const inner = decodeYaml(item, innerFields);
    if (!inner.ok) return refuse(inner.kind, `${where} cannot be read: ${inner.message}.`);
    const object = readObject(inner.fields, vault);
    if ("problem" in object) return refuse("invalid", `${where}: ${object.problem}`);
    objects.push(object);
  }
  if (objects.length === 0)
    return refuse("invalid", "spec.parameters.objects names no object; the driver cannot mount a class without files.");
  return { ok: true, objects };
}

const outerFields: ReadonlyMap<string, FieldKind> = new Map([["array", "strings" as const]]);
const innerFields: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ["objectName", "string"],
  ["objectAlias", "string"],
  ["objectVersion", "string"],
  ["objectVersionHistory", "int32"],
  ["objectType", "string"],
  ["objectFormat", "string"],
  ["objectEncoding", "string"],
  ["filePermission", "string"],
]);

function readObject(fields: YamlFields, vault: string): ClassObject | { readonly problem: string } {
  const field = (name: string): string => goTrimSpace(fields.strings.get(name) ?? "");
  const name = field("objectName");
  const type = field("objectType");
  const format = field("objectFormat");
  const encoding = encodings.get(field("objectEncoding").toLowerCase());
  const history = fields.ints.get("objectVersionHistory") ?? 0;
  const path = field("objectAlias") === "" ? name : field("objectAlias");
  const pin = field("objectVersion");
  const formatKind = formats.get(format.toLowerCase());

  if (formatKind === undefined) return { problem: `objectFormat ${quote(format)} is unknown; use pem or pfx.` };
  // The provider compares `pfx` with regard to case here: `PFX` passes and has no effect.
  if (format === "pfx" && type !== "secret")
    return { problem: "objectFormat pfx is for objectType secret only; remove it." };
  if (field("objectEncoding") !== "" && type !== "secret")
    return { problem: "objectEncoding is for objectType secret only; remove it." };
  if (encoding === undefined)
    return { problem: `objectEncoding ${quote(field("objectEncoding"))} is unknown; use utf-8, base64 or hex.` };
  if (path === "") return { problem: "objectName is missing; name the object." };
  const problem = pathProblem(path, history > 1);
  if (problem !== undefined) return { problem: `its file name ${quote(path)} ${problem}` };
  if (!isObjectType(type))
    return { problem: `objectType ${quote(type)} is unknown; use secret, key or cert in lower case.` };
  // Key Vault has no object of another name. This also keeps a name from changing the path of a request.
  if (!/^[-0-9A-Za-z]{1,127}$/.test(name))
    return { problem: `objectName ${quote(name)} is no name in a Key Vault; use letters, digits and dashes.` };
  if (history <= 1 && !/^[-0-9A-Za-z]*$/.test(pin))
    return { problem: `objectVersion ${quote(pin)} is no version of a Key Vault; use the version's id.` };
  return {
    object: { vault, type, name },
    id: `${type}/${name}`,
    path,
    // With history `latest` is the newest version, so it follows the vault like no pin at all.
    pin: pin === "" || (history > 1 && pin === "latest") ? undefined : pin,
    encoding,
    format: formatKind,
    history,
    mode: fileMode(field("filePermission")),
  };
}

const encodings: ReadonlyMap<string, ClassObject["encoding"]> = new Map([
  ["", "utf-8"],
  ["utf-8", "utf-8"],
  ["base64", "base64"],
  ["hex", "hex"],
]);
const formats: ReadonlyMap<string, ClassObject["format"]> = new Map([
  ["", ""],
  ["pem", "pem"],
  ["pfx", "pfx"],
]);

function isObjectType(text: string): text is ObjectType {
  return text === "secret" || text === "key" || text === "cert";
}

/** `strconv.ParseInt(text, 8, 32)`; what is no octal number is mode 0, without an error. The default is 0644. */
function fileMode(permission: string): number {
  if (permission === "") return 0o644;
  const mode = /^[-+]?[0-7]+$/.test(permission) ? Number.parseInt(permission, 8) : 0;
  return mode >= -(2 ** 31) && mode < 2 ** 31 ? mode : 0;
}

function refuse(kind: RenderError["kind"], message: string): ObjectsAnswer {
  return { ok: false, error: { kind, message } };
}
