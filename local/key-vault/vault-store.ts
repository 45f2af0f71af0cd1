/**
 * Key Vaults in memory: versions, dates, faults on demand, and replicas that lag. Deterministic: version ids come from
 * a counter and dates from the clock. In-process tests reach it through vault-port.ts, the SDK through http-server.ts.
 * What a vault answers follows Azure's documentation and the error bodies of the service.
 */

import { createHash } from "node:crypto";
import type { Clock } from "../../shared/ports.ts";
import { VaultFaults } from "./faults.ts";
import { Replicas, type StaleOptions } from "./replicas.ts";
import { disabled, faultAnswer, notFound, type StoreAnswer } from "./store-answers.ts";

/** One version of a secret. Times are milliseconds since 1970 in whole seconds. */
export interface StoredVersion {
  readonly version: string;
  readonly value: string;
  readonly enabled: boolean;
  readonly createdOn: number;
  readonly contentType: string | undefined;
  /** Set for a secret that backs a certificate. */
  readonly keyId: string | undefined;
  readonly notBefore: number | undefined;
  readonly expiresOn: number | undefined;
}

export interface SetOptions {
  /** The version id; 32 hexadecimal digits from a counter where it is not given. */
  readonly version?: string;
  readonly contentType?: string;
  readonly enabled?: boolean;
  readonly notBefore?: number;
  readonly expiresOn?: number;
  /** Key id of the certificate that the secret backs. */
  readonly kid?: string;
  readonly createdOn?: number;
}

export interface NewVersion {
  readonly vault: string;
  readonly name: string;
  readonly version: StoredVersion;
}

export type StoreRequest = { readonly call: "get"; readonly version: string | undefined } | { readonly call: "list" };

interface StoredSecret {
  readonly name: string;
  /** Oldest first. */
  versions: readonly StoredVersion[];
}

export class VaultStore {
  readonly clock: Clock;
  readonly faults = new VaultFaults();
  readonly #vaults = new Map<string, { readonly name: string; readonly secrets: Map<string, StoredSecret> }>();
  readonly #replicas = new Replicas();
  readonly #listeners = new Set<(news: NewVersion) => void>();
  #counter = 0;

  /** `vaults` exist from the start; others come to be when a secret is set in them. */
  constructor(options: { readonly clock: Clock; readonly vaults?: readonly string[] }) {
    this.clock = options.clock;
    for (const vault of options.vaults ?? []) this.#vault(vault);
  }

  addVault(vault: string): void {
    this.#vault(vault);
  }

  vaults(): readonly string[] {
    return [...this.#vaults.values()].map(({ name }) => name);
  }

  /** A new version of the secret. Listeners hear of it at once, as Event Grid would hear of it. */
  setSecret(vault: string, name: string, value: string, options: SetOptions = {}): StoredVersion {
    this.#counter += 1;
    const version: StoredVersion = {
      version: options.version ?? versionId(this.#counter),
      value,
      enabled: options.enabled ?? true,
      createdOn: wholeSeconds(options.createdOn ?? this.clock.now()),
      contentType: options.contentType,
      keyId: options.kid,
      notBefore: options.notBefore,
      expiresOn: options.expiresOn,
    };
    const home = this.#vault(vault);
    const secret = home.secrets.get(name.toLowerCase()) ?? { name, versions: [] };
    secret.versions = [...secret.versions, version].sort((one, other) => one.createdOn - other.createdOn);
    home.secrets.set(name.toLowerCase(), secret);
    for (const listener of this.#listeners) listener({ vault: home.name, name: secret.name, version });
    return version;
  }

  disable(vault: string, name: string, version: string): void {
    this.#replace(vault, name, version, (found) => ({ ...found, enabled: false }));
  }

  enable(vault: string, name: string, version: string): void {
    this.#replace(vault, name, version, (found) => ({ ...found, enabled: true }));
  }

  /** Deletes the secret with all its versions, as Key Vault does. */
  remove(vault: string, name: string): void {
    this.#vaults.get(vault.toLowerCase())?.secrets.delete(name.toLowerCase());
  }

  /** Oldest first. Versions created in the same second stay in the order in which they were set. */
  versions(vault: string, name: string): readonly StoredVersion[] {
    return this.#secret(vault, name)?.versions ?? [];
  }

  /** From now on, for a number of reads or until a time, a replica answers that lacks versions. */
  stale(vault: string, name: string, options: StaleOptions = {}): void {
    this.#replicas.lag(vault, name, this.versions(vault, name), options);
  }

  /** The answer stops the listener. */
  onNewVersion(listener: (news: NewVersion) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** What the vault says to this request. Each call counts as one request for faults and replicas. */
  answer(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const fault = this.faults.take(vault, name, request.call);
    if (fault === undefined) return this.#plainAnswer(vault, name, request);
    if (fault.kind === "slow") {
      return { kind: "slow", ms: fault.ms, answer: this.#plainAnswer(vault, name, request) };
    }
    return faultAnswer(fault, name, request.call);
  }

  #plainAnswer(vault: string, name: string, request: StoreRequest): StoreAnswer {
    const versions = this.#replicas.seen(vault, name, this.versions(vault, name), this.clock.now());
    // The service lists no versions for a name it does not know [not verified against a real vault].
    if (request.call === "list") return { kind: "list", versions };
    const wanted = request.version?.toLowerCase();
    const found =
      wanted === undefined ? versions.at(-1) : versions.find((version) => version.version.toLowerCase() === wanted);
    if (found === undefined) return notFound(name);
    return found.enabled ? { kind: "found", version: found } : disabled;
  }

  #vault(vault: string) {
    const known = this.#vaults.get(vault.toLowerCase());
    if (known !== undefined) return known;
    const made = { name: vault, secrets: new Map<string, StoredSecret>() };
    this.#vaults.set(vault.toLowerCase(), made);
    return made;
  }

  #secret(vault: string, name: string): StoredSecret | undefined {
    return this.#vaults.get(vault.toLowerCase())?.secrets.get(name.toLowerCase());
  }

  #replace(vault: string, name: string, version: string, change: (found: StoredVersion) => StoredVersion): void {
    const secret = this.#secret(vault, name);
    if (secret?.versions.some((found) => found.version === version) !== true) {
      throw new Error(`The vault ${vault} has no version ${version} of ${name}.`);
    }
    secret.versions = secret.versions.map((found) => (found.version === version ? change(found) : found));
  }
}

function versionId(counter: number): string {
  // A digest, so that no test can lean on the order of ids: Key Vault's are random.
  return createHash("sha256").update(`version ${counter}`).digest("hex").slice(0, 32);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
