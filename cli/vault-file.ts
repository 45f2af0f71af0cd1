/**
 * One file of a vault folder -> what the vault would have answered. The shapes are those that the Azure CLI prints
 * (azure-cli, command_modules/keyvault/_transformers.py); Key Vault's own REST answers pass too.
 */

import { z } from "zod";
import { printable } from "../shared/core/printable.ts";
import { sentence, splitSentence } from "../shared/core/rotation-map/sentence.ts";
import { SecretValue } from "../shared/core/secret-value.ts";
import type { VaultAnswer, VaultObject, VersionListAnswer } from "../shared/core/vault-object.ts";

export interface Finding {
  /** `attributes.created`; empty for the whole file. */
  readonly path: string;
  readonly problem: string;
  readonly mend: string;
}

export type Read<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** The output of `az keyvault secret|certificate|key show`, or `{"error": "..."}` for what the vault refuses. */
export function readObjectFile(text: string, object: VaultObject): Read<VaultAnswer> {
  const json = jsonOf(text);
  if (!json.ok) return json;
  const refused = refusalShape.safeParse(json.answer);
  if (refused.success) return { ok: true, answer: { ok: false, problem: refused.data.error } };
  const parsed = objectShapes[object.type].safeParse(json.answer);
  if (!parsed.success) return { ok: false, findings: findingsOf(parsed.error) };
  const { id, attributes, value, contentType, keyId } = parsed.data;
  const version = versionIn(id, object);
  if (!version.ok) return version;
  if (attributes?.enabled === false) return { ok: true, answer: { ok: false, problem: "disabled" } };
  const current = {
    version: version.answer,
    createdOn: attributes?.created ?? undefined,
    value,
    contentType,
    keyId,
    notBefore: undefined,
    expiresOn: undefined,
  };
  return { ok: true, answer: { ok: true, current } };
}

/** The output of `az keyvault secret|certificate|key list-versions`. */
export function readVersionsFile(text: string, object: VaultObject): Read<VersionListAnswer> {
  const json = jsonOf(text);
  if (!json.ok) return json;
  const refused = refusalShape.safeParse(json.answer);
  if (refused.success) return { ok: true, answer: { ok: false, problem: refused.data.error } };
  const parsed = (object.type === "key" ? keyListShape : listShape).safeParse(json.answer);
  if (!parsed.success) return { ok: false, findings: findingsOf(parsed.error) };
  const entries = parsed.data.map(({ id, attributes }) => ({ attributes, read: versionIn(id, object) }));
  const findings = entries.flatMap(({ read }, index) =>
    read.ok ? [] : read.findings.map((finding) => ({ ...finding, path: `[${index}].${finding.path}` })),
  );
  if (findings.length > 0) return { ok: false, findings };
  const versions = entries.flatMap(({ attributes, read }) =>
    read.ok
      ? [
          {
            version: read.answer,
            createdOn: attributes?.created ?? undefined,
            // What is not said to be disabled counts as enabled, as in the provider.
            enabled: attributes?.enabled !== false,
          },
        ]
      : [],
  );
  return { ok: true, answer: { ok: true, versions } };
}

/** `az ... > FILE` leaves an empty file where az fails. V8's own message quotes the text that it does not understand, which may be a secret value. */
function jsonOf(text: string): Read<unknown> {
  if (text.trim() === "") {
    const mend = `If the vault refuses the object, write {"error": "not-found"}, "disabled" or "forbidden".`;
    return { ok: false, findings: [{ path: "", problem: "It is empty; the command that wrote it failed.", mend }] };
  }
  try {
    return { ok: true, answer: JSON.parse(text) };
  } catch {
    return { ok: false, findings: [{ path: "", problem: "It is not JSON.", mend: "Write it with az … -o json." }] };
  }
}

const refusalShape = z.strictObject({ error: z.enum(["not-found", "disabled", "forbidden"]) });

const whole = "Write the file with the command that docs/cli.md names.";

function text(mend: string = whole) {
  return z.string({
    error: ({ input }) => sentence(input === undefined || input === null ? "It is missing." : "It is no text.", mend),
  });
}

const optionalText = z
  .string({ error: sentence("It is no text.", whole) })
  .nullish()
  .transform((given) => given ?? undefined);

/** Seconds since 1970 as Key Vault has them, or the date that the Azure CLI makes of them. */
const created = z
  .union([z.number().transform((seconds) => seconds * 1000), z.iso.datetime({ offset: true }).transform(Date.parse)], {
    error: sentence("It is no date.", "Write it as az does: 2026-01-31T08:15:00+00:00."),
  })
  .nullish();

const attributes = z
  .object(
    { enabled: z.boolean({ error: sentence("It is not true or false.", whole) }).nullish(), created },
    { error: sentence("It is no object.", whole) },
  )
  .nullish();

function object<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape, { error: sentence("It is not the JSON of one object.", whole) });
}

const base64 = text().regex(/^[-\w+/]+={0,2}$/, sentence("It is not base64.", whole));

/** The Azure CLI prints these numbers as base64, Key Vault as base64url. */
const jwkNumber = base64.nullish().transform((given) => given ?? undefined);

const jwk = object({
  kid: text(),
  kty: text(),
  crv: optionalText,
  n: jwkNumber,
  e: jwkNumber,
  x: jwkNumber,
  y: jwkNumber,
});

const objectShapes = {
  secret: object({
    id: text(),
    value: text("Use `az keyvault secret show`; other commands leave the value out."),
    contentType: optionalText,
    kid: optionalText,
    attributes,
  }).transform(({ kid, value, ...rest }) => ({ ...rest, value: SecretValue.fromText(value), keyId: kid })),
  cert: object({ id: text(), cer: base64, attributes }).transform(({ cer, ...rest }) => ({
    ...rest,
    value: SecretValue.fromBytes(Buffer.from(cer, "base64")),
    contentType: undefined,
    keyId: undefined,
  })),
  key: object({ key: jwk, attributes }).transform(({ key: { kid, ...numbers }, ...rest }) => ({
    ...rest,
    id: kid,
    value: SecretValue.fromText(publicJwk(numbers)),
    contentType: undefined,
    keyId: undefined,
  })),
} as const;

function publicJwk({ kty, crv, ...numbers }: Omit<z.infer<typeof jwk>, "kid">): string {
  const urlSafe = Object.entries(numbers).flatMap(([name, given]) =>
    given === undefined ? [] : [[name, Buffer.from(given, "base64").toString("base64url")] as const],
  );
  return JSON.stringify({ kty, ...(crv === undefined ? {} : { crv }), ...Object.fromEntries(urlSafe) });
}

const listError = { error: sentence("It is no list.", "Write it with az keyvault … list-versions -o json.") };
const listShape = z.array(object({ id: text(), attributes }), listError);
const keyListShape = z.array(
  object({ kid: text(), attributes }).transform(({ kid, ...rest }) => ({ ...rest, id: kid })),
  listError,
);

const folders = { secret: "secrets", cert: "certificates", key: "keys" } as const;

/** The version at the end of an id, which must be of this object. */
function versionIn(id: string, { vault, type, name }: VaultObject): Read<string> {
  const finding = (problem: string, mend: string): Read<string> => ({
    ok: false,
    findings: [{ path: type === "key" ? "kid" : "id", problem, mend }],
  });
  const [, host = "", folder, given, version] =
    /^https?:\/\/([^/]+)\/([a-z]+)\/([^/]+)\/([-0-9A-Za-z]+)$/.exec(id) ?? [];
  if (version === undefined)
    return finding("It does not end with type, name and version.", "Write the file with az keyvault … show -o json.");
  const [label, next] = host.toLowerCase().split(".");
  // Another host is a stand-in or a proxy, and names no vault.
  if (next === "vault" && label !== vault.toLowerCase())
    return finding(`It is of the vault ${printable(label ?? "")}.`, `Take it from ${vault}, which the class names.`);
  if (folder !== folders[type] || given?.toLowerCase() !== name.toLowerCase())
    return finding("It is of another object.", `This file is for ${folders[type]}/${name}.`);
  return { ok: true, answer: version };
}

function findingsOf(error: z.ZodError): readonly Finding[] {
  return error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === "number" ? `[${part}]` : String(part))).join("."),
    ...(splitSentence(message) ?? { problem: "It is not as az writes it.", mend: whole }),
  }));
}
