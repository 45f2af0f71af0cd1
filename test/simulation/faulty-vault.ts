/** The vault of a world. It counts what goes wrong with its answers, and shows pods' mounts an older state on demand. */

import type { VirtualClock } from "../../local/clock.ts";
import type { StoreAnswer } from "../../local/key-vault/store-answers.ts";
import type { StoredVersion, StoreRequest } from "../../local/key-vault/stored-version.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { Tally } from "./tally.ts";

export class FaultyVault extends VaultStore {
  /** What the Azure provider of the drivers asks: the same store, through a replica of its own. */
  readonly ofProviders: VaultStore;
  readonly #tally: Tally;
  readonly #listeners: ((name: string) => void)[] = [];
  readonly #lagging = new Map<string, { readonly before: string; readonly until: number }>();
  readonly #unreadable = new Map<string, number>();
  readonly #late = new Map<string, { readonly before: string; readonly until: number }>();
  readonly #removed = new Map<string, readonly StoredVersion[]>();
  readonly #disabled: { readonly version: string; readonly from: number; until: number }[] = [];
  readonly #older: { readonly object: string; readonly value: string; readonly at: number }[] = [];

  constructor(clock: VirtualClock, vaults: readonly string[], tally: Tally) {
    super({ clock, vaults });
    this.#tally = tally;
    this.ofProviders = new ProviderView(clock, vaults, (...asked) => this.#forProvider(...asked));
  }

  override answer(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const object = `${vault}/${name}`;
    const asksCurrent = request.call === "get" && request.version === undefined;
    const lagging = this.#lagging.get(object);
    if (asksCurrent && lagging !== undefined && this.clock.now() < lagging.until)
      return this.#counted(vault, name, { ...request, version: lagging.before });
    if (asksCurrent || this.clock.now() >= (this.#unreadable.get(object) ?? 0))
      return this.#counted(vault, name, request);
    const heal = this.faults.add({ vault, name }, { kind: "throttled" }, 1);
    const answer = this.#counted(vault, name, request);
    heal();
    return answer;
  }

  #counted(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const answer = super.answer(vault, name, request);
    const newest = this.versions(vault, name).at(-1)?.version;
    if (answer.kind === "error") this.#tally.add(`fault vault ${answer.innerCode ?? answer.code}`);
    else if (answer.kind !== "found" && answer.kind !== "list" && answer.kind !== "objects")
      this.#tally.add(`fault vault ${answer.kind}`);
    else if (answer.kind === "found" && request.call === "get" && request.version === undefined)
      if (answer.version.version !== newest) this.#tally.add("fault vault stale read");
    return answer;
  }

  /** Called when what the vault would answer has changed without a new version. */
  onOtherChange(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  override disable(vault: string, name: string, version: string): void {
    super.disable(vault, name, version);
    this.#disabled.push({
      version: `${vault}/${name}/${version}`,
      from: this.clock.now(),
      until: Number.POSITIVE_INFINITY,
    });
    for (const listener of this.#listeners) listener(name);
  }

  override enable(vault: string, name: string, version: string): void {
    super.enable(vault, name, version);
    const ended = this.#disabled.filter((one) => one.version === `${vault}/${name}/${version}`);
    for (const one of ended) one.until = Math.min(one.until, this.clock.now());
    for (const listener of this.#listeners) listener(name);
  }

  /** Those of an object that was removed, too; oldest first. */
  everVersions(vault: string, name: string): readonly StoredVersion[] {
    return [...(this.#removed.get(`${vault}/${name}`) ?? []), ...this.versions(vault, name)];
  }

  override remove(vault: string, name: string): void {
    this.#removed.set(`${vault}/${name}`, this.everVersions(vault, name));
    super.remove(vault, name);
    for (const listener of this.#listeners) listener(name);
  }

  /** Until then the bridge gets the version before the newest as the current one; asked by its id, the newest is known. */
  holdCurrent(vault: string, name: string, until: number): void {
    const before = this.versions(vault, name).at(-2)?.version;
    if (before !== undefined) this.#lagging.set(`${vault}/${name}`, { before, until });
  }

  /** Until then the bridge is told nothing of versions by their id, nor of their list. */
  failVersions(vault: string, name: string, until: number): void {
    this.#unreadable.set(`${vault}/${name}`, until);
  }

  /** Until then mounts get the version that is the newest now. */
  holdProviders(vault: string, name: string, until: number): void {
    const before = this.versions(vault, name).at(-1)?.version;
    if (before !== undefined) this.#late.set(`${vault}/${name}`, { before, until });
  }

  /** When drivers were given this value as the current one, although the vault held a newer version. */
  olderGivenAt(vault: string, name: string, value: string): readonly number[] {
    const object = `${vault}/${name}`;
    return this.#older.filter((given) => given.object === object && given.value === value).map(({ at }) => at);
  }

  wasDisabled(vault: string, name: string, version: string, at: number): boolean {
    const found = this.#disabled.filter((one) => one.version === `${vault}/${name}/${version}`);
    return found.some(({ from, until }) => from <= at && at <= until);
  }

  #forProvider(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const answer = this.#asProvider(vault, name, request);
    if (answer.kind !== "found" || request.call !== "get" || request.version !== undefined) return answer;
    const { version, value } = answer.version;
    if (version !== this.versions(vault, name).at(-1)?.version)
      this.#older.push({ object: `${vault}/${name}`, value, at: this.clock.now() });
    return answer;
  }

  #asProvider(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const late = this.#late.get(`${vault}/${name}`);
    if (late === undefined || this.clock.now() >= late.until || request.call !== "get" || request.version !== undefined)
      return this.#counted(vault, name, request);
    this.#tally.add("fault mount of an older version");
    return this.#counted(vault, name, { ...request, version: late.before });
  }
}

type Answer = (vault: string, name: string, request: StoreRequest) => StoreAnswer;

class ProviderView extends VaultStore {
  readonly #answer: Answer;

  constructor(clock: VirtualClock, vaults: readonly string[], answer: Answer) {
    super({ clock, vaults });
    this.#answer = answer;
  }

  override answer(vault: string, name: string, request: StoreRequest): StoreAnswer {
    return this.#answer(vault, name, request);
  }
}
