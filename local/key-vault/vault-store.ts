/**
 * Key Vaults in memory: versions, dates, faults on demand, and replicas that lag. Deterministic: version ids come from
 * a counter and dates from the clock. In-process tests reach it through vault-port.ts, the SDK through http-server.ts.
 * What a vault answers follows Azure's documentation and the error bodies of the service.
 */

import { hash } from "node:crypto";
import type { ObjectType } from "../../shared/core/vault-object.ts";
import type { Clock } from "../../shared/ports.ts";
import { VaultFaults } from "./faults.ts";
import { publicJwk } from "./public-jwk.ts";
import { Replicas, type StaleOptions } from "./replicas.ts";
import { disabled, faultAnswer, notFound, type StoreAnswer } from "./store-answers.ts";
import type { CertificateParts, NewVersion, SetOptions, StoredVersion, StoreRequest } from "./stored-version.ts";

interface StoredObject {
  readonly name: string;
  /** Oldest first. */
  versions: readonly StoredVersion[];
}

export class VaultStore {
  readonly clock: Clock;
  readonly faults = new VaultFaults();
  readonly #vaults = new Map<string, { readonly name: string; readonly objects: Map<string, StoredObject> }>();
  readonly #replicas = new Replicas();
  readonly #listeners = new Set<(news: NewVersion) => void>();
  #counter = 0;

  /** `vaults` exist from the start; others come to be when an object is set in them. */
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
    return this.#set(vault, "secret", name, this.#stored(value, options));
  }

  /** A new version of the key: its public part. */
  setKey(vault: string, name: string, jwk: string, options: SetOptions = {}): StoredVersion {
    return this.#set(vault, "key", name, this.#stored(publicJwk(jwk), options));
  }

  /** A certificate is created or renewed: key, secret and certificate get one version, and each its event. Answers the secret. */
  setCertificate(vault: string, name: string, parts: CertificateParts, options: SetOptions = {}): StoredVersion {
    const stored = this.#stored(parts.value, options);
    const kid = `https://${vault.toLowerCase()}.vault.azure.net/keys/${name}/${stored.version}`;
    // All of them are there before any event is out.
    const news = [
      this.#keep(vault, "key", name, { ...stored, value: publicJwk(parts.jwk) }),
      this.#keep(vault, "secret", name, { ...stored, contentType: parts.contentType, keyId: kid }),
      this.#keep(vault, "cert", name, { ...stored, value: parts.cer }),
    ];
    for (const item of news) this.#tell(item);
    return news[1]?.version ?? stored;
  }

  /** A certificate's switch turns its key and its secret too; each of those also has its own. */
  disable(vault: string, name: string, version: string, type: ObjectType = "secret"): void {
    this.#switch(vault, type, name, version, false);
  }

  enable(vault: string, name: string, version: string, type: ObjectType = "secret"): void {
    this.#switch(vault, type, name, version, true);
  }

  /** Deletes the object with all its versions, as Key Vault does; a certificate with its key and its secret. */
  remove(vault: string, name: string, type: ObjectType = "secret"): void {
    for (const part of partsOf(type)) this.#vaults.get(vault.toLowerCase())?.objects.delete(objectId(part, name));
  }

  /** Oldest first. Versions created in the same second stay in the order in which they were set. */
  versions(vault: string, name: string, type: ObjectType = "secret"): readonly StoredVersion[] {
    return this.#vaults.get(vault.toLowerCase())?.objects.get(objectId(type, name))?.versions ?? [];
  }

  /** From now on, for a number of reads or until a time, a replica answers that lacks versions. */
  stale(vault: string, name: string, options: StaleOptions = {}): void {
    const { type = "secret" } = options;
    this.#replicas.lag(vault, objectId(type, name), this.versions(vault, name, type), options);
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
    const { type = "secret" } = request;
    const fault = this.faults.take({ vault, name, call: request.call, type });
    if (fault === undefined) return this.#plainAnswer(vault, type, name, request);
    if (fault.kind === "slow") {
      return { kind: "slow", ms: fault.ms, answer: this.#plainAnswer(vault, type, name, request) };
    }
    return faultAnswer(fault, { type, name, call: request.call });
  }

  #plainAnswer(vault: string, type: ObjectType, name: string, request: StoreRequest): StoreAnswer {
    if (request.call === "objects") return { kind: "objects", objects: this.#objects(vault, type) };
    const id = objectId(type, name);
    const versions = this.#replicas.seen(vault, id, this.versions(vault, name, type), this.clock.now());
    // The service lists no versions for a name it does not know [not verified against a real vault].
    if (request.call === "list") return { kind: "list", versions };
    const wanted = request.version?.toLowerCase();
    const found =
      wanted === undefined ? versions.at(-1) : versions.find((version) => version.version.toLowerCase() === wanted);
    if (found === undefined) return notFound(type, name);
    // Only secrets are refused: a disabled key is given as it is (notaryproject/ratify #1474), a certificate [not verified].
    return found.enabled || type !== "secret" ? { kind: "found", version: found } : disabled;
  }

  #objects(vault: string, type: ObjectType) {
    const objects = [...(this.#vaults.get(vault.toLowerCase())?.objects ?? [])]
      .filter(([id]) => id.startsWith(`${type}/`))
      .flatMap(([id, { name, versions }]) => {
        const current = this.#replicas.listed(vault, id, versions, this.clock.now()).at(-1);
        return current === undefined ? [] : [{ name, version: current }];
      });
    return objects.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #stored(value: string, options: SetOptions): StoredVersion {
    this.#counter += 1;
    return {
      version: options.version ?? versionId(this.#counter),
      value,
      enabled: options.enabled ?? true,
      createdOn: wholeSeconds(options.createdOn ?? this.clock.now()),
      contentType: options.contentType,
      keyId: options.kid,
      notBefore: options.notBefore,
      expiresOn: options.expiresOn,
    };
  }

  #set(vault: string, type: ObjectType, name: string, version: StoredVersion): StoredVersion {
    this.#tell(this.#keep(vault, type, name, version));
    return version;
  }

  #keep(vault: string, type: ObjectType, name: string, version: StoredVersion): NewVersion {
    const home = this.#vault(vault);
    const object = home.objects.get(objectId(type, name)) ?? { name, versions: [] };
    object.versions = [...object.versions, version].sort((one, other) => one.createdOn - other.createdOn);
    home.objects.set(objectId(type, name), object);
    return { vault: home.name, type, name: object.name, version };
  }

  #tell(news: NewVersion): void {
    for (const listener of this.#listeners) listener(news);
  }

  #vault(vault: string) {
    const known = this.#vaults.get(vault.toLowerCase());
    if (known !== undefined) return known;
    const made = { name: vault, objects: new Map<string, StoredObject>() };
    this.#vaults.set(vault.toLowerCase(), made);
    return made;
  }

  #switch(vault: string, type: ObjectType, name: string, version: string, enabled: boolean): void {
    if (!this.versions(vault, name, type).some((found) => found.version === version)) {
      throw new Error(`The vault ${vault} has no version ${version} of ${name}.`);
    }
    for (const part of partsOf(type)) {
      const object = this.#vaults.get(vault.toLowerCase())?.objects.get(objectId(part, name));
      if (object === undefined) continue;
      object.versions = object.versions.map((found) => (found.version === version ? { ...found, enabled } : found));
    }
  }
}

function partsOf(type: ObjectType): readonly ObjectType[] {
  return type === "cert" ? ["cert", "key", "secret"] : [type];
}

/** Names are compared without regard to case. */
function objectId(type: ObjectType, name: string): string {
  return `${type}/${name.toLowerCase()}`;
}

function versionId(counter: number): string {
  // A digest, so that no test can lean on the order of ids: Key Vault's are random.
  return hash("sha256", `version ${counter}`).slice(0, 32);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
