/** The vectors' JSON (test/vectors/rendering/README.md), and what a vault of that content answers. */

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { fetchKey } from "../../shared/core/rendering/needed-objects.ts";
import type { NeededObject } from "../../shared/core/rendering/needed-objects.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import type { VaultAnswer, VaultProblem } from "../../shared/core/vault-object.ts";

export type VectorCase = z.infer<typeof caseShape>;
export type ExpectedSecret = z.infer<typeof secretShape>;

const versionShape = z.object({
  version: z.string(),
  value: z.string().nullish(),
  contentType: z.string().optional(),
  kid: z.string().optional(),
  created: z.number().optional(),
  enabled: z.boolean(),
});

const secretShape = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), type: z.string(), data: z.record(z.string(), z.string()) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

const caseShape = z.object({
  name: z.string(),
  parameters: z.record(z.string(), z.string()),
  secretObjects: z.array(z.looseObject({ type: z.string().optional() })).default([]),
  volumeAttributes: z.record(z.string(), z.string()).optional(),
  vault: z.object({
    secrets: z.record(z.string(), z.array(versionShape)).default({}),
    errors: z.record(z.string(), z.object({ status: z.number() })).default({}),
  }),
  expect: z.object({
    mount: z.discriminatedUnion("ok", [
      z.object({
        ok: z.literal(true),
        files: z.record(z.string(), z.object({ base64: z.string(), mode: z.number() })),
        versions: z.record(z.string(), z.string()),
      }),
      z.object({ ok: z.literal(false), error: z.string() }),
    ]),
    secrets: z.record(z.string(), secretShape).default({}),
  }),
});

/** All cases of a folder's JSON files, in the order of the files' names. Throws for a folder without any. */
export function readCases(folder: string): readonly VectorCase[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  if (files.length === 0) throw new Error(`There are no vectors in ${folder}.`);
  return files
    .toSorted()
    .flatMap((file) => z.array(caseShape).parse(JSON.parse(readFileSync(path.join(folder, file), "utf8"))));
}

/** Answers as the stand-in vault of the vectors gave them: the last version is current, a disabled one is not given. */
export function answersFor(vector: VectorCase, needed: readonly NeededObject[]): ReadonlyMap<string, VaultAnswer> {
  return new Map(needed.map(({ object, pin }) => [fetchKey(object, pin), answer(vector, object.name, pin)]));
}

function answer({ vault }: VectorCase, name: string, pin: string | undefined): VaultAnswer {
  const error = byName(vault.errors, `secrets/${name}`);
  if (error !== undefined) return refused(problems.get(error.status) ?? "unavailable");
  const versions = byName(vault.secrets, name) ?? [];
  const found = pin === undefined ? versions.at(-1) : versions.find(({ version }) => version === pin);
  if (found === undefined) return refused("not-found");
  if (!found.enabled) return refused("disabled");
  // An answer without a value is none.
  if (found.value === undefined || found.value === null) return refused("unavailable");
  return {
    ok: true,
    current: {
      version: found.version,
      createdOn: found.created === undefined ? undefined : found.created * 1000,
      value: SecretValue.fromText(found.value),
      contentType: found.contentType,
      keyId: found.kid,
      notBefore: undefined,
      expiresOn: undefined,
    },
  };
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
