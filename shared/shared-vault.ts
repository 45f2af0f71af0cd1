/**
 * One vault for all the targets that are worked on at the same time. A reading serves every target whose reading of the
 * cluster had ended before it began (the order law), so that 500 namespaces with one object cost a handful of requests.
 *
 * No value is kept here: what a run no longer holds is forgotten.
 */

import type { ObjectVersion, VaultObject } from "./core/vault-object.ts";
import { objectKey } from "./core/vault-object.ts";
import type { Vault } from "./ports.ts";

/**
 * A reference that keeps its thing alive no longer than others do. When the garbage collector comes decides what is asked
 * again, so a simulation, which must go the same way twice, brings its own.
 */
export type Weakly<T> = (thing: T) => { deref(): T | undefined };

/** `weakly` makes references that keep nothing alive. */
export function sharedVault(vault: Vault, weakly: Weakly<ObjectVersion> = (thing) => new WeakRef(thing)): Vault {
  const current = new Turns<Awaited<ReturnType<Vault["current"]>>>();
  const version = new Turns<Awaited<ReturnType<Vault["version"]>>>();
  const versions = new Turns<Awaited<ReturnType<Vault["versions"]>>>();
  const before = new Turns<ObjectVersion | undefined>();
  const held = new Held(weakly);
  const earlier = new Held(weakly);
  return {
    ...vault,
    current: (object, pin) =>
      current.ask(keyOf(object, pin ?? ""), async () => {
        const answer = await vault.current(object, pin);
        return answer.ok ? { ok: true, current: held.same(object, answer.current) } : answer;
      }),
    version: (object, id) =>
      version.ask(keyOf(object, id), async () => {
        const answer = await vault.version(object, id);
        return answer.known && answer.held !== undefined ? { ...answer, held: held.same(object, answer.held) } : answer;
      }),
    versions: (object) => versions.ask(objectKey(object), () => vault.versions(object)),
    before: (object, id) => {
      const key = keyOf(object, id);
      // What came before a version does not change.
      const known = earlier.get(key);
      if (known !== undefined) return Promise.resolve(known);
      return before.ask(key, async () => {
        const answer = await vault.before(object, id);
        if (answer === undefined) return undefined;
        const found = held.same(object, answer);
        earlier.set(key, found);
        return found;
      });
    },
  };
}

function keyOf(object: VaultObject, id: string): string {
  return `${objectKey(object)}@${id}`;
}

/** Calls by key, one at a time for each: whoever asks while one runs shares the next one, which has not begun yet. */
class Turns<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  ask(key: string, call: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#begin(key, call);
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const begin = () => {
      this.#next.delete(key);
      return this.#begin(key, call);
    };
    const next = running.then(begin, begin);
    this.#next.set(key, next);
    return next;
  }

  #begin(key: string, call: () => Promise<T>): Promise<T> {
    const running = call().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }
}

/**
 * Versions that somebody still holds. Two answers that say the same become one thing, and what was worked out for it once
 * (to read a PFX takes tens of milliseconds) is worked out for every target.
 */
class Held {
  readonly #versions = new Map<string, ReturnType<Weakly<ObjectVersion>>>();
  readonly #weakly: Weakly<ObjectVersion>;

  constructor(weakly: Weakly<ObjectVersion>) {
    this.#weakly = weakly;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.deref();
  }

  set(key: string, version: ObjectVersion): void {
    this.#versions.delete(key);
    this.#versions.set(key, this.#weakly(version));
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= mostHeld) break;
      this.#versions.delete(oldest);
    }
  }

  same(object: VaultObject, answer: ObjectVersion): ObjectVersion {
    const key = keyOf(object, answer.version);
    const known = this.get(key);
    if (known !== undefined && saysTheSame(known, answer)) return known;
    // A copy: the adapter may keep its own for longer than any run, and what was made of it with it.
    const own = { ...answer };
    this.set(key, own);
    return own;
  }
}

const mostHeld = 1000;

function saysTheSame(one: ObjectVersion, other: ObjectVersion): boolean {
  return (
    one.version === other.version &&
    one.createdOn === other.createdOn &&
    one.contentType === other.contentType &&
    one.keyId === other.keyId &&
    one.notBefore === other.notBefore &&
    one.expiresOn === other.expiresOn &&
    one.value.equals(other.value)
  );
}
