/** A vector as a person would have it on disk: the class as YAML, and the vault's answers as the Azure CLI prints them. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { fetchKey, neededLists, neededObjects } from "../../shared/core/rendering/needed-objects.ts";
import { objectKey } from "../../shared/core/vault-object.ts";
import type { ObjectVersion, VaultObject, VaultProblem } from "../../shared/core/vault-object.ts";
import { answersFor, listsFor } from "../vectors/cases.ts";
import type { VectorCase } from "../vectors/cases.ts";

export interface OnDisk {
  readonly classFile: string;
  readonly vaultDir: string;
  /** What the cluster of the vector is set up with. */
  readonly flags: readonly string[];
}

/** Writes into `folder`, which must be there. What the vault answers with neither yes nor no has no file. */
export async function writeVector(vector: VectorCase, folder: string): Promise<OnDisk> {
  const manifest = {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name: vector.name, namespace: "shop" },
    spec: {
      provider: "azure",
      parameters: { ...vector.parameters, ...vector.volumeAttributes },
      secretObjects: vector.secretObjects,
    },
  };
  const classFile = join(folder, "class.yaml");
  await writeFile(classFile, stringify(manifest, { version: "1.1" }));
  const vaultDir = join(folder, "vault");
  const write = async (object: VaultObject, ending: string, data: unknown): Promise<void> => {
    if (data === undefined) return;
    await mkdir(join(vaultDir, collections[object.type]), { recursive: true });
    await writeFile(join(vaultDir, collections[object.type], `${object.name}${ending}`), JSON.stringify(data));
  };
  await mkdir(vaultDir, { recursive: true });

  const { content } = parseProviderClass(manifest);
  const wantedLists = neededLists(content);
  const lists = listsFor(vector, wantedLists);
  for (const object of wantedLists) {
    const answer = lists.get(objectKey(object));
    if (answer?.ok === true)
      await write(
        object,
        ".versions.json",
        answer.versions.map(({ version, createdOn, enabled }) => ({
          attributes: attributesOf(createdOn, enabled),
          [object.type === "key" ? "kid" : "id"]: idOf(object, version),
        })),
      );
    else if (answer !== undefined) await write(object, ".versions.json", refusal(answer.problem));
  }
  const needed = neededObjects(content, lists);
  const answers = answersFor(vector, needed);
  for (const { object, pin } of needed) {
    const answer = answers.get(fetchKey(object, pin));
    const ending = pin === undefined ? ".json" : `@${pin}.json`;
    if (answer?.ok === true) await write(object, ending, shown(object, answer.current));
    else if (answer !== undefined) await write(object, ending, refusal(answer.problem));
  }
  return { classFile, vaultDir, flags: flagsOf(vector) };
}

const collections = { secret: "secrets", cert: "certificates", key: "keys" } as const;

function flagsOf({ providerFlags }: VectorCase): readonly string[] {
  return [
    `--construct-pem-chain=${providerFlags.constructPEMChain}`,
    `--write-cert-and-key-in-separate-files=${providerFlags.writeCertAndKeyInSeparateFiles}`,
  ];
}

function refusal(problem: VaultProblem): unknown {
  return ["not-found", "disabled", "forbidden"].includes(problem) ? { error: problem } : undefined;
}

function idOf({ vault, type, name }: VaultObject, version: string): string {
  return `https://${vault.toLowerCase()}.vault.azure.net/${collections[type]}/${name}/${version}`;
}

function attributesOf(createdOn: number | undefined, enabled: boolean) {
  const created = createdOn === undefined ? null : new Date(createdOn).toISOString().replace(".000Z", "+00:00");
  return { created, enabled, expires: null, notBefore: null, recoveryLevel: "Recoverable+Purgeable", updated: created };
}

/** azure-cli's `transform_secret_set`, `transform_certificate_show`, `transform_key_output`. */
function shown(object: VaultObject, { version, createdOn, value, contentType, keyId }: ObjectVersion): unknown {
  const id = idOf(object, version);
  const common = { attributes: attributesOf(createdOn, true), tags: null };
  const bytes = Buffer.from(value.reveal());
  switch (object.type) {
    case "secret": {
      const more = { contentType: contentType ?? null, kid: keyId ?? null, managed: keyId === undefined ? null : true };
      return { ...common, id, name: object.name, value: bytes.toString(), ...more };
    }
    case "cert":
      return { ...common, id, name: object.name, cer: bytes.toString("base64"), policy: null, sid: null };
    case "key": {
      const jwk: unknown = JSON.parse(bytes.toString());
      const entries = typeof jwk === "object" && jwk !== null ? Object.entries(jwk) : [];
      const key = Object.fromEntries(entries.map(([name, member]) => [name, asBase64(name, member)]));
      return { ...common, key: { crv: null, d: null, e: null, n: null, x: null, y: null, ...key, kid: id } };
    }
  }
}

/** The Azure CLI turns the vault's base64url into base64: https://github.com/Azure/azure-cli/issues/16053. */
function asBase64(name: string, member: unknown): unknown {
  if (!["n", "e", "x", "y"].includes(name) || typeof member !== "string") return member;
  return Buffer.from(member, "base64url").toString("base64");
}
