/** What a class renders of what the vault holds now: what pods should have, and start with. */

import { renderAgain } from "../../local/cluster/csi/render-again.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { once } from "../../local/cluster/once.ts";
import { providerClassOf } from "../../local/cluster/provider-classes.ts";
import type { StoredVersion } from "../../local/key-vault/stored-version.ts";
import { fetchKey, neededLists, neededObjects } from "../../shared/core/rendering/needed-objects.ts";
import { defaultSettings } from "../../shared/core/rendering/provider-settings.ts";
import type { Mounted } from "../../shared/core/rendering/render.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { objectKey } from "../../shared/core/vault-object.ts";
import type { ObjectVersion, VaultAnswer, VaultObject } from "../../shared/core/vault-object.ts";
import type { Sim } from "./sim.ts";

export interface Rendered extends Mounted {
  /** When the class was last changed. */
  readonly changedAt: number;
}

/** The rendering, or why a pod could not mount the class. */
export function currentRendering(sim: Sim, raw: JsonObject): Rendered | string {
  const { content, changedAt } = providerClassOf(raw);
  if (!content.ok) return "the class is invalid";
  const lists = new Map(
    neededLists(content).map((object) => [
      objectKey(object),
      { ok: true, versions: sim.vault.versions(object.vault, object.name, object.type) } as const,
    ]),
  );
  const answers = new Map(
    neededObjects(content, lists).map(({ object, pin }) => [fetchKey(object, pin), answerOf(sim, object, pin)]),
  );
  const rendered = renderAgain(content, answers, defaultSettings, lists);
  return rendered.ok ? { ...rendered, changedAt } : `the class cannot be mounted: ${rendered.error.message}`;
}

function answerOf(sim: Sim, { vault, name, type }: VaultObject, pin: string | undefined): VaultAnswer {
  const versions = sim.vault.versions(vault, name, type);
  const found = pin === undefined ? versions.at(-1) : versions.find(({ version }) => version === pin);
  if (found === undefined) return { ok: false, problem: "not-found" };
  if (!found.enabled) return { ok: false, problem: "disabled" };
  return { ok: true, current: type === "cert" ? certificateOf(found) : versionOf(found) };
}

const versionOf = once((stored: StoredVersion) => held(stored, SecretValue.fromText(stored.value)));

const certificateOf = once((stored: StoredVersion) =>
  held(stored, SecretValue.fromBytes(new Uint8Array(Buffer.from(stored.value, "base64")))),
);

function held(stored: StoredVersion, value: SecretValue): ObjectVersion {
  const { version, createdOn, contentType, keyId, notBefore, expiresOn } = stored;
  return { version, createdOn, value, contentType, keyId, notBefore, expiresOn };
}
