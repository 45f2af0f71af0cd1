/** The vectors' JSON (test/vectors/rendering/README.md), and what a vault of that content answers. */

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { fetchKey } from "../../shared/core/rendering/needed-objects.ts";
import type { NeededObject } from "../../shared/core/rendering/needed-objects.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { objectKey } from "../../shared/core/vault-object.ts";
import type {
  VaultAnswer,
  VaultObject,
  VaultProblem,
  VersionEntry,
  VersionListAnswer,
} from "../../shared/core/vault-object.ts";

export type VectorCase = z.infer<typeof caseShape>;
export type Expected = z.infer<typeof outcomeShape>;
export type ExpectedSecret = z.infer<typeof secretShape>;

const secretShape = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), type: z.string(), data: z.record(z.string(), z.string()) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

const outcomeShape = z.object({
  mount: z.discriminatedUnion("ok", [
    z.object({
      ok: z.literal(true),
      files: z.record(z.string(), z.object({ base64: z.string(), mode: z.number() })),
      versions: z.record(z.string(), z.string()),
    }),
    z.object({ ok: z.literal(false), error: z.string() }),
  ]),
  secrets: z.record(z.string(), secretShape).default({}),
});

const commonShape = z.object({ version: z.string(), created: z.number().optional(), enabled: z.boolean() });

const caseShape = z.object({
  name: z.string(),
  parameters: z.record(z.string(), z.string()),
  secretObjects: z.array(z.looseObject({ type: z.string().optional() })).default([]),
  volumeAttributes: z.record(z.string(), z.string()).default({}),
  providerFlags: z.object({ constructPEMChain: z.boolean(), writeCertAndKeyInSeparateFiles: z.boolean() }),
  vault: z.object({
    secrets: z
      .record(
        z.string(),
        z.array(
          commonShape.extend({
            value: z.string().nullish(),
            contentType: z.string().optional(),
            kid: z.string().optional(),
          }),
        ),
      )
      .default({}),
    certificates: z.record(z.string(), z.array(commonShape.extend({ cer: z.string() }))).default({}),
    keys: z.record(z.string(), z.array(commonShape.extend({ jwk: z.record(z.string(), z.unknown()) }))).default({}),
    errors: z.record(z.string(), z.object({ status: z.number() })).default({}),
  }),
  expect: outcomeShape,
  expectByDriver: z.record(z.string(), outcomeShape).default({}),
});

/** All cases of a folder's JSON files, in the order of the files' names. Throws for a folder without any. */
export function readCases(folder: string): readonly VectorCase[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  if (files.length === 0) throw new Error(`There are no vectors in ${folder}.`);
  return files
    .toSorted()
    .flatMap((file) => z.array(caseShape).parse(JSON.parse(readFileSync(path.join(folder, file), "utf8"))));
}

/**
 * Whether the pod of the case has credentials for the vault. They come before anything is rendered and are not in the
 * class but in the pod: a token of its service account or a nodePublishSecretRef, of which no case has one.
 */
export function podSignsIn({ parameters, volumeAttributes }: VectorCase): boolean {
  const all = { ...parameters, ...volumeAttributes };
  if (identityModes.some((name) => (all[name] ?? "").trim() !== "")) return true;
  return (all["clientID"] ?? "") !== "" && all["csi.storage.k8s.io/serviceAccount.tokens"] !== undefined;
}

const identityModes = ["usePodIdentity", "useVMManagedIdentity", "useAzureTokenProxy"];

/** Answers as the stand-in vault of the vectors gave them: the last version is current, a disabled one is not given. */
export function answersFor(vector: VectorCase, needed: readonly NeededObject[]): ReadonlyMap<string, VaultAnswer> {
  return new Map(needed.map(({ object, pin }) => [fetchKey(object, pin), answer(vector, object, pin)]));
}

/** The lists of versions, in the order of the case. */
export function listsFor(vector: VectorCase, objects: readonly VaultObject[]): ReadonlyMap<string, VersionListAnswer> {
  return new Map(objects.map((object) => [objectKey(object), list(vector, object)]));
}

function answer(vector: VectorCase, object: VaultObject, pin: string | undefined): VaultAnswer {
  const problem = errorOf(vector, object);
  if (problem !== undefined) return refused(problem);
  const versions = versionsOf(vector, object);
  const found = pin === undefined ? versions.at(-1) : versions.find(({ version }) => version === pin);
  if (found === undefined) return refused("not-found");
  if (!found.enabled) return refused("disabled");
  // An answer without a value is none.
  if (found.value === undefined) return refused("unavailable");
  const { version, createdOn, value, contentType, keyId } = found;
  const current = { version, createdOn, value, contentType, keyId, notBefore: undefined, expiresOn: undefined };
  return { ok: true, current };
}

function list(vector: VectorCase, object: VaultObject): VersionListAnswer {
  const problem = errorOf(vector, object);
  if (problem !== undefined) return { ok: false, problem };
  const versions = versionsOf(vector, object);
  return versions.length === 0 ? { ok: false, problem: "not-found" } : { ok: true, versions };
}

interface Held extends VersionEntry {
  readonly value: SecretValue | undefined;
  readonly contentType: string | undefined;
  readonly keyId: string | undefined;
}

/** Values as the bridge's vault port gives them: text, DER, or the JSON of a public key. */
function versionsOf({ vault }: VectorCase, { type, name }: VaultObject): readonly Held[] {
  const held = (
    { version, created, enabled }: z.infer<typeof commonShape>,
    value: SecretValue | undefined,
    more: { readonly contentType?: string | undefined; readonly kid?: string | undefined } = {},
  ): Held => ({
    version,
    enabled,
    createdOn: created === undefined ? undefined : created * 1000,
    value,
    contentType: more.contentType,
    keyId: more.kid,
  });
  switch (type) {
    case "secret":
      return (byName(vault.secrets, name) ?? []).map((item) => held(item, textOf(item.value), item));
    case "cert":
      return (byName(vault.certificates, name) ?? []).map((item) =>
        held(item, SecretValue.fromBytes(Buffer.from(item.cer, "base64"))),
      );
    case "key":
      return (byName(vault.keys, name) ?? []).map((item) => held(item, SecretValue.fromText(JSON.stringify(item.jwk))));
  }
}

function textOf(value: string | null | undefined): SecretValue | undefined {
  return value === undefined || value === null ? undefined : SecretValue.fromText(value);
}

const folders = { secret: "secrets", cert: "certificates", key: "keys" } as const;

function errorOf({ vault }: VectorCase, { type, name }: VaultObject): VaultProblem | undefined {
  const error = byName(vault.errors, `${folders[type]}/${name}`);
  return error === undefined ? undefined : (problems.get(error.status) ?? "unavailable");
}

const problems: ReadonlyMap<number, VaultProblem> = new Map([
  [403, "forbidden"],
  [404, "not-found"],
  [429, "throttled"],
]);

function refused(problem: VaultProblem): VaultAnswer {
  return { ok: false, problem };
}

function byName<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.entries(entries).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
