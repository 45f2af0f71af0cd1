/** Objects as JSON of the Key Vault REST API: bundles with a value, items without, and the bodies that set them. */

import { z } from "zod";
import type { ObjectType } from "../../shared/core/vault-object.ts";
import type { SetOptions, StoredVersion } from "./stored-version.ts";

/** The path of each type's collection. */
export const collections = { secret: "secrets", cert: "certificates", key: "keys" } as const;

/** The answer to a GET of one version. `origin` is the vault's address; the id is the versioned URL. */
export function bundle(origin: string, type: ObjectType, name: string, stored: StoredVersion): object {
  switch (type) {
    case "secret":
      return { value: stored.value, ...item(origin, type, name, stored) };
    case "cert": {
      const kid = `${origin}/keys/${name}/${stored.version}`;
      const sid = `${origin}/secrets/${name}/${stored.version}`;
      return { kid, sid, cer: stored.value, ...item(origin, type, name, stored) };
    }
    case "key": {
      const { kid, ...rest } = keyItem(origin, name, stored);
      return { key: { kid, ...z.record(z.string(), z.unknown()).parse(jsonOf(stored.value)) }, ...rest };
    }
  }
}

/** One line of a list of versions. */
export function item(origin: string, type: ObjectType, name: string, stored: StoredVersion): object {
  if (type === "key") return keyItem(origin, name, stored);
  const { contentType, keyId } = stored;
  return {
    id: `${origin}/${collections[type]}/${name}/${stored.version}`,
    ...(contentType === undefined ? {} : { contentType }),
    ...(keyId === undefined ? {} : { kid: keyId, managed: true }),
    attributes: attributesOf(stored),
  };
}

/** One line of a list of objects: the current version's attributes under an id that names no version. */
export function currentItem(origin: string, type: ObjectType, name: string, stored: StoredVersion): object {
  const idName = type === "key" ? "kid" : "id";
  return { ...item(origin, type, name, stored), [idName]: `${origin}/${collections[type]}/${name}` };
}

function keyItem(origin: string, name: string, stored: StoredVersion) {
  return { kid: `${origin}/keys/${name}/${stored.version}`, attributes: attributesOf(stored) };
}

function attributesOf({ enabled, createdOn, notBefore, expiresOn }: StoredVersion): object {
  return {
    enabled,
    ...(notBefore === undefined ? {} : { nbf: Math.floor(notBefore / 1000) }),
    ...(expiresOn === undefined ? {} : { exp: Math.floor(expiresOn / 1000) }),
    created: createdOn / 1000,
    updated: createdOn / 1000,
    recoveryLevel: "Recoverable+Purgeable",
    recoverableDays: 90,
  };
}

const setBody = z.object({
  value: z.string().max(25_600),
  contentType: z.string().max(255).optional(),
  attributes: z
    .object({ enabled: z.boolean().optional(), nbf: z.number().nullish(), exp: z.number().nullish() })
    .optional(),
});

/** Body of `PUT /secrets/<name>`; undefined where the service would answer 400. */
export function setRequest(body: string): { readonly value: string; readonly options: SetOptions } | undefined {
  const parsed = setBody.safeParse(jsonOf(body)).data;
  if (parsed === undefined) return undefined;
  const { value, contentType, attributes } = parsed;
  return {
    value,
    options: {
      ...(contentType === undefined ? {} : { contentType }),
      ...(attributes?.enabled === undefined ? {} : { enabled: attributes.enabled }),
      ...(typeof attributes?.nbf === "number" ? { notBefore: attributes.nbf * 1000 } : {}),
      ...(typeof attributes?.exp === "number" ? { expiresOn: attributes.exp * 1000 } : {}),
    },
  };
}

const updateBody = z.object({ attributes: z.object({ enabled: z.boolean() }) });

/** Body of `PATCH /secrets/<name>/<version>`, of which the stand-in knows `enabled` only. */
export function updateRequest(body: string): { readonly enabled: boolean } | undefined {
  return updateBody.safeParse(jsonOf(body)).data?.attributes;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
