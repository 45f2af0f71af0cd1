/**
 * Who calls, by the header `x-ms-client-principal`. App Service authentication sets it and lets nobody else set it
 * (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities). Where it is off, anybody can
 * send the header: it must not be read then (http-settings.ts).
 */

import * as z from "zod";
import type { Caller } from "./http-caller.ts";
import { clientIdPattern } from "./names.ts";

/**
 * Undefined for whatever is not one Entra caller with one object id in one tenant: two different answers to "who is it"
 * are none. Never throws.
 */
export function parseCaller(header: string | null): Caller | undefined {
  if (header === null || header.length > longestHeader) return undefined;
  const parsed = principal.safeParse(decode(header));
  if (!parsed.success) return undefined;
  const { claims } = parsed.data;
  const objectId = onlyOne(claims, objectIdClaims);
  const tenant = onlyOne(claims, tenantClaims);
  if (objectId === undefined || tenant === undefined) return undefined;
  return { objectId, tenant, roles: claims.filter(({ typ }) => roleClaims.has(typ)).map(({ val }) => val) };
}

/** A token of a person in many groups comes to some 15 KB. */
const longestHeader = 65_536;

// Only Entra's word counts: other providers number their people as they like.
const principal = z.object({
  auth_typ: z.literal("aad"),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(2000),
});

type Claims = z.infer<typeof principal>["claims"];

// The platform renames some claims of a token and leaves others, by the token's version: both names are known.
const objectIdClaims = new Set(["oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"]);
const tenantClaims = new Set(["tid", "http://schemas.microsoft.com/identity/claims/tenantid"]);
const roleClaims = new Set(["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"]);

function decode(header: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function onlyOne(claims: Claims, names: ReadonlySet<string>): string | undefined {
  const values = new Set(claims.filter(({ typ }) => names.has(typ)).map(({ val }) => val.toLowerCase()));
  const [value] = values;
  return values.size === 1 && value !== undefined && clientIdPattern.test(value) ? value : undefined;
}
