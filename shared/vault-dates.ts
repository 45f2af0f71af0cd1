/**
 * When the current versions of many objects were created, for few requests: the vault's list where that is cheaper,
 * else each object by itself. What was learned of a list's length and of our rights is kept for the next time.
 */

import { answerStamp, listedStamp } from "./core/reconcile/seen-target.ts";
import type { VaultObject, VaultProblem } from "./core/vault-object.ts";
import { objectKey } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import type { Clock, Vault } from "./ports.ts";

export interface DatesRead {
  /** By `objectKey`; see `listedStamp`. An object of which the vault did not say is not here. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Vaults (lower case) of which something could not be read. */
  readonly troubled: ReadonlyMap<string, VaultProblem>;
  readonly requests: number;
}

const mostAtOnce = 16;
const deniedForMs = 24 * 3_600_000;

export class VaultDates {
  readonly #vault: Vault;
  readonly #clock: Clock;
  /** A list takes more requests than this: by vault and type. */
  readonly #longerThan = new Map<string, number>();
  /** Until when a list that was forbidden is not asked for. */
  readonly #denied = new Map<string, number>();

  constructor(vault: Vault, clock: Clock) {
    this.#vault = vault;
    this.#clock = clock;
  }

  async read(objects: Iterable<VaultObject>): Promise<DatesRead> {
    const groups = new Map<string, VaultObject[]>();
    for (const object of objects) {
      const key = `${object.vault}/${object.type}`.toLowerCase();
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [object]);
      else group.push(object);
    }
    const reading: Reading = { stamps: new Map(), troubled: new Map(), requests: 0 };
    const results = await forEachBounded([...groups], mostAtOnce, ([key, group]) =>
      this.#readGroup(key, group, reading),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return reading;
  }

  async #readGroup(key: string, group: readonly VaultObject[], reading: Reading): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const vault = first.vault.toLowerCase();
    const rest = (await this.#list(key, first, group, reading)) ?? [];
    // One after the other has asked when a vault says that it is too much, or says nothing: nobody asks on. Hundreds of
    // time-outs would outlive the host's patience with the process, and that ends the rotations in it too.
    await forEachBounded(rest, mostAtOnce, async (object) => {
      if (isOut(reading.troubled.get(vault))) return;
      reading.requests += 1;
      const answer = await this.#vault.current(object);
      const stamp = answerStamp(answer);
      if (stamp !== undefined) reading.stamps.set(objectKey(object), stamp);
      else if (!answer.ok && !isOut(reading.troubled.get(vault))) reading.troubled.set(vault, answer.problem);
    });
  }

  /** Answers with what the list did not tell; undefined: the vault is in trouble. */
  async #list(
    key: string,
    { vault, type }: VaultObject,
    group: readonly VaultObject[],
    reading: Reading,
  ): Promise<readonly VaultObject[] | undefined> {
    const denied = (this.#denied.get(key) ?? 0) > this.#clock.now();
    if (denied || group.length <= (this.#longerThan.get(key) ?? 0)) return group;
    const names = new Set(group.map(({ name }) => name.toLowerCase()));
    const answer = await this.#vault.listed(vault, type, names, group.length);
    if (!answer.ok) {
      reading.requests += 1;
      if (answer.problem === "forbidden") {
        this.#denied.set(key, this.#clock.now() + deniedForMs);
        return group;
      }
      reading.troubled.set(vault.toLowerCase(), answer.problem);
      return undefined;
    }
    reading.requests += answer.requests;
    if (answer.complete) this.#longerThan.delete(key);
    else this.#longerThan.set(key, answer.requests);
    const rest: VaultObject[] = [];
    for (const object of group) {
      const entry = answer.objects.get(object.name.toLowerCase());
      if (entry === undefined && !answer.complete) rest.push(object);
      else reading.stamps.set(objectKey(object), listedStamp(object, entry));
    }
    return rest;
  }
}

/** It is the vault's own trouble, whatever it is asked for. */
function isOut(problem: VaultProblem | undefined): boolean {
  return problem === "throttled" || problem === "unavailable";
}

interface Reading {
  readonly stamps: Map<string, string>;
  readonly troubled: Map<string, VaultProblem>;
  requests: number;
}
