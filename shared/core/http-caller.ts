/** Who may call by HTTP, and what: lists of the settings, held against the caller. */

import { clientIdPattern } from "./names.ts";

/** Reading changes nothing; operating puts work on the queue. */
export type Power = "read" | "operate";

export interface Callers {
  /** In lower case. */
  readonly objectIds: ReadonlySet<string>;
  /** App roles as the app registration names them. */
  readonly roles: ReadonlySet<string>;
}

export interface Caller {
  readonly objectId: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** Operators may do what readers may. */
export interface Access {
  readonly tenant: string;
  readonly readers: Callers;
  readonly operators: Callers;
}

/** Object ids and `role:NAME`, parted by spaces or commas; undefined if one is neither. */
export function parseCallers(text: string): Callers | undefined {
  const objectIds = new Set<string>();
  const roles = new Set<string>();
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const role = /^role:([0-9A-Za-z][0-9A-Za-z._-]{0,119})$/.exec(entry)?.[1];
    if (role !== undefined) roles.add(role);
    else if (clientIdPattern.test(entry)) objectIds.add(entry.toLowerCase());
    else return undefined;
  }
  return { objectIds, roles };
}

/** A role or an id of another tenant is another's word: only the tenant of the settings counts. */
export function mayCall(access: Access, caller: Caller, power: Power): boolean {
  if (caller.tenant !== access.tenant) return false;
  return isAmong(access.operators, caller) || (power === "read" && isAmong(access.readers, caller));
}

function isAmong(callers: Callers, { objectId, roles }: Caller): boolean {
  return callers.objectIds.has(objectId) || roles.some((role) => callers.roles.has(role));
}
