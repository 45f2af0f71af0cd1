/**
 * The stand-in vaults in process, behind the Vault port: for simulations in virtual time. What to ask and when to ask
 * again are the adapter's own rules (vaultOver), so each fault has the answer that production would give.
 */

import { unanswered, refusalOf } from "../../shared/adapters/key-vault/refusal.ts";
import type { ObjectsApi, Reply } from "../../shared/adapters/key-vault/vault-api.ts";
import { pageSize } from "../../shared/adapters/key-vault/listed-objects.ts";
import { vaultOver } from "../../shared/adapters/key-vault/vault-answers.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import type { ListedObject, ObjectType, ObjectVersion, VaultObject } from "../../shared/core/vault-object.ts";
import type { Clock, Vault } from "../../shared/ports.ts";
import { once } from "../cluster/once.ts";
import type { StoreAnswer } from "./store-answers.ts";
import type { VaultStore } from "./vault-store.ts";
import type { StoredVersion } from "./stored-version.ts";

export interface VaultCall {
  readonly method: "current" | "version" | "versions" | "before" | "listed";
  /** Without a name where all objects are listed. */
  readonly object: VaultObject;
  readonly version: string | undefined;
}

export interface PortOptions {
  /** Awaited before each call of the port: to count, to delay, to throw. */
  readonly before?: (call: VaultCall) => void | Promise<void>;
  /** How long a request may take, in the store's time. Default 10 s, as in the adapter. */
  readonly timeoutMs?: number;
}

/** All vaults that the store has at this moment. Every call lets at least one microtask pass. */
export function vaultPort(store: VaultStore, options: PortOptions = {}): Vault {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const apis = new Map(
    store.vaults().map((vault) => {
      const api = (type: ObjectType) => storeApi(store, { vault, type }, timeoutMs);
      return [vault.toLowerCase(), { secret: api("secret"), cert: api("cert"), key: api("key") }] as const;
    }),
  );
  const vault = vaultOver(apis, { clock: store.clock });
  const announced = async (call: VaultCall) => {
    await Promise.resolve();
    await options.before?.(call);
  };
  return {
    async current(object, pin) {
      await announced({ method: "current", object, version: pin });
      return vault.current(object, pin);
    },
    async version(object, version) {
      await announced({ method: "version", object, version });
      return vault.version(object, version);
    },
    async versions(object) {
      await announced({ method: "versions", object, version: undefined });
      return vault.versions(object);
    },
    async before(object, version) {
      await announced({ method: "before", object, version });
      return vault.before(object, version);
    },
    async listed(name, type, names, atMostRequests) {
      await announced({ method: "listed", object: { vault: name, type, name: "" }, version: undefined });
      return vault.listed(name, type, names, atMostRequests);
    },
  };
}

function storeApi(
  store: VaultStore,
  { vault, type }: { readonly vault: string; readonly type: ObjectType },
  timeoutMs: number,
): ObjectsApi {
  const { clock } = store;
  return {
    async get(name, version) {
      const answer = await arrived(clock, store.answer(vault, name, { type, call: "get", version }), timeoutMs);
      return answer.kind === "found"
        ? { ok: true, value: type === "cert" ? certificateVersion(answer.version) : textVersion(answer.version) }
        : refused(clock, answer);
    },
    async list(name) {
      const answer = await arrived(clock, store.answer(vault, name, { type, call: "list" }), timeoutMs);
      return answer.kind === "list" ? { ok: true, value: answer.versions } : refused(clock, answer);
    },
    async listed(names, atMostRequests) {
      const objects = new Map<string, ListedObject>();
      for (let requests = 1; ; requests += 1) {
        const answer = await arrived(clock, store.answer(vault, "", { type, call: "objects" }), timeoutMs);
        if (answer.kind !== "objects") return refused(clock, answer);
        for (const { name, version } of answer.objects.slice((requests - 1) * pageSize, requests * pageSize)) {
          const { createdOn, enabled } = version;
          if (names.has(name.toLowerCase())) objects.set(name.toLowerCase(), { createdOn, enabled });
        }
        const complete = objects.size === names.size || answer.objects.length <= requests * pageSize;
        if (complete || requests >= atMostRequests) return { ok: true, value: { objects, complete, requests } };
      }
    },
  };
}

type Arrived = Exclude<StoreAnswer, { kind: "slow" | "hang" }> | { readonly kind: "late" };

async function arrived(clock: Clock, answer: StoreAnswer, timeoutMs: number): Promise<Arrived> {
  if (answer.kind === "hang" || (answer.kind === "slow" && answer.ms >= timeoutMs)) {
    await clock.sleep(timeoutMs);
    return { kind: "late" };
  }
  if (answer.kind !== "slow") return answer;
  await clock.sleep(answer.ms);
  return arrived(clock, answer.answer, timeoutMs - answer.ms);
}

function refused(clock: Clock, answer: Arrived): Extract<Reply<never>, { ok: false }> {
  if (answer.kind === "late") return { ok: false, refusal: unanswered("Timeout") };
  if (answer.kind !== "error") return { ok: false, refusal: unanswered("Connection") };
  return {
    ok: false,
    refusal: refusalOf({
      status: answer.status,
      code: answer.code,
      innerCode: answer.innerCode,
      message: answer.message,
      retryAfter: answer.retryAfterSeconds?.toString(),
      now: clock.now(),
    }),
  };
}

/** Stored versions never change, and those of a certificate are of another object. */
const certificateVersion = once((stored: StoredVersion) =>
  objectVersion(stored, SecretValue.fromBytes(new Uint8Array(Buffer.from(stored.value, "base64")))),
);
const textVersion = once((stored: StoredVersion) => objectVersion(stored, SecretValue.fromText(stored.value)));

function objectVersion(stored: StoredVersion, value: SecretValue): ObjectVersion {
  const { version, createdOn, contentType, keyId, notBefore, expiresOn } = stored;
  return { version, createdOn, value, contentType, keyId, notBefore, expiresOn };
}
