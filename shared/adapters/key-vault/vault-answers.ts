/**
 * The Vault port over the REST API of each vault: what to ask, when to ask again, what may be remembered. The same
 * rules serve the Azure SDK (vault.ts) and the stand-in in process, so that a simulation meets what production meets.
 */

import {
  objectKey,
  type ObjectType,
  type ObjectVersion,
  type VaultObject,
  type VersionAnswer,
  type VersionEntry,
} from "../../core/vault-object.ts";
import type { Clock, Log, Vault } from "../../ports.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { concurrencyLimit } from "../limit.ts";
import type { Refusal } from "./refusal.ts";
import { withRetries } from "./retry.ts";
import type { ObjectsApi, Reply, VaultApi } from "./vault-api.ts";

export interface AnswerOptions {
  readonly clock: Clock;
  /** Hears of every request that was forbidden, throttled or not answered in the end: names, problem, status, code. */
  readonly log?: Log | undefined;
  /** Requests at a time for each vault. */
  readonly concurrency?: number | undefined;
  /** How long what `version` found is remembered, and for how many versions. */
  readonly cacheForMs?: number | undefined;
  readonly cacheAtMost?: number | undefined;
}

/**
 * `apis`: one API for each vault, by name in lower case. Throws for a vault that is not there: that is checked before
 * the vault is asked.
 */
export function vaultOver(apis: ReadonlyMap<string, VaultApi>, options: AnswerOptions): Vault {
  const { clock } = options;
  const limits = new Map([...apis.keys()].map((name) => [name, concurrencyLimit(options.concurrency ?? 16)]));
  const cache = new BoundedCache<ObjectVersion>({
    atMost: options.cacheAtMost ?? 200,
    keepMs: options.cacheForMs ?? 600_000,
  });

  function askVault<T>(
    vault: string,
    type: ObjectType,
    request: (api: ObjectsApi) => Promise<Reply<T>>,
  ): Promise<Reply<T>> {
    const name = vault.toLowerCase();
    const api = apis.get(name);
    const limit = limits.get(name);
    if (api === undefined || limit === undefined) {
      throw new Error(`The vault ${vault} was asked for, but the map does not name it.`);
    }
    return withRetries(clock, () => limit(() => request(api[type])));
  }

  async function ask<T>(object: VaultObject, request: (api: ObjectsApi) => Promise<Reply<T>>): Promise<Reply<T>> {
    const reply = await askVault(object.vault, object.type, async (api) =>
      possibleName.test(object.name) ? request(api) : impossible,
    );
    if (!reply.ok && isTrouble(reply.refusal)) {
      options.log?.warn("vault-refused", { object: objectKey(object), ...fieldsOf(reply.refusal) });
    }
    return reply;
  }

  function get(object: VaultObject, version: string | undefined): Promise<Reply<ObjectVersion>> {
    return ask(object, async (api) =>
      version !== undefined && !possibleVersion(version) ? impossible : api.get(object.name, version),
    );
  }

  const asked = new Map<string, Promise<Reply<ObjectVersion>>>();

  /** One version by its id. What it holds never changes, so it is remembered, and two who ask at once share the answer. */
  async function held(object: VaultObject, version: string): Promise<Reply<ObjectVersion>> {
    const key = cacheKey(object, version);
    const remembered = cache.get(key, clock.now());
    if (remembered !== undefined) return { ok: true, value: remembered };
    const asking = asked.get(key) ?? get(object, version).finally(() => asked.delete(key));
    asked.set(key, asking);
    const reply = await asking;
    if (reply.ok) cache.set(key, reply.value, clock.now());
    return reply;
  }

  function list(object: VaultObject): Promise<Reply<readonly VersionEntry[]>> {
    return ask(object, (api) => api.list(object.name));
  }

  async function dateOfDisabled(object: VaultObject, version: string): Promise<VersionAnswer> {
    const all = await list(object);
    if (!all.ok) return unknown(all.refusal.problem);
    const found = all.value.find((other) => sameVersion(other.version, version));
    if (found === undefined) return unknown("not-found");
    return { known: true, createdOn: found.createdOn, held: undefined };
  }

  return {
    async current(object, pin) {
      const reply = await get(object, pin);
      if (!reply.ok) return { ok: false, problem: reply.refusal.problem };
      // What one version holds never changes: the next rotation asks for it as the version before.
      cache.set(cacheKey(object, reply.value.version), reply.value, clock.now());
      return { ok: true, current: reply.value };
    },
    async version(object, version) {
      const reply = await held(object, version);
      if (reply.ok) return known(reply.value);
      const { problem } = reply.refusal;
      return problem === "disabled" ? dateOfDisabled(object, version) : unknown(problem);
    },
    async versions(object) {
      const all = await list(object);
      return all.ok ? { ok: true, versions: all.value } : { ok: false, problem: all.refusal.problem };
    },
    async before(object, version) {
      const all = await list(object);
      const found = all.ok ? versionBefore(all.value, version) : undefined;
      // The list says already what asking for a disabled one would.
      if (found?.enabled !== true) return undefined;
      const reply = await held(object, found.version);
      return reply.ok ? reply.value : undefined;
    },
    async listed(vault, type, names, atMostRequests) {
      const reply = await askVault(vault, type, (api) => api.listed(names, atMostRequests));
      if (reply.ok) return { ok: true, ...reply.value };
      if (isTrouble(reply.refusal)) options.log?.warn("vault-refused", { vault, type, ...fieldsOf(reply.refusal) });
      return { ok: false, problem: reply.refusal.problem };
    },
  };
}

function cacheKey(object: VaultObject, version: string): string {
  return `${objectKey(object)}=${version.toLowerCase()}`;
}

/**
 * The one version created last before this one. Undefined where nobody can say: dates are whole seconds, and between
 * two versions of the same second there is no order.
 */
export function versionBefore(all: readonly VersionEntry[], version: string): VersionEntry | undefined {
  const date = all.find((other) => sameVersion(other.version, version))?.createdOn;
  if (date === undefined) return undefined;
  const others = all.filter((other) => !sameVersion(other.version, version));
  if (others.some((other) => other.createdOn === date)) return undefined;
  const earlier = others.filter((other) => dateOf(other) < date);
  const newest = Math.max(...earlier.map(dateOf));
  const candidates = earlier.filter((other) => dateOf(other) === newest);
  return candidates.length === 1 ? candidates[0] : undefined;
}

function dateOf(version: VersionEntry): number {
  return version.createdOn ?? Number.NEGATIVE_INFINITY;
}

function known(found: ObjectVersion): VersionAnswer {
  return { known: true, createdOn: found.createdOn, held: found };
}

function unknown(problem: Refusal["problem"]): VersionAnswer {
  return { known: false, problem: problem === "disabled" ? "forbidden" : problem };
}

function sameVersion(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Key Vault's own rule for names. Anything else would be another path of its API (`..`, `versions`), so it is not sent. */
const possibleName = /^[0-9a-zA-Z-]{1,127}$/;

function possibleVersion(version: string): boolean {
  return possibleName.test(version) && version.toLowerCase() !== "versions";
}

const impossible: { readonly ok: false; readonly refusal: Refusal } = {
  ok: false,
  refusal: { problem: "not-found", status: undefined, code: undefined, retryAfterMs: undefined },
};

/** A missing or disabled version is an answer; the rest is something to mend. */
function isTrouble({ problem }: Refusal): boolean {
  return problem === "forbidden" || problem === "throttled" || problem === "unavailable";
}

function fieldsOf({ problem, status, code }: Refusal) {
  return { problem, status, code };
}
