import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultReading } from "../../../shared/core/plan/plan-types.ts";
import { renderOnce } from "../../../shared/core/plan/render-once.ts";
import type { ClassContent } from "../../../shared/core/provider-class.ts";
import { fileOnce } from "../../../shared/core/rendering/file-once.ts";
import { fetchKey } from "../../../shared/core/rendering/needed-objects.ts";
import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { ObjectVersion, VaultAnswer } from "../../../shared/core/vault-object.ts";
import { recorded } from "../../scenarios/certificates.ts";
import { classOf, noon, secretObject, versionOf } from "./builders.ts";

const content = classOf("kv", ["a", "b"], { app: { k: "a", l: "b" } }).content;

function readingOf(answers: Readonly<Record<string, VaultAnswer>>): VaultReading {
  const given = Object.entries(answers).map(
    ([name, answer]) => [fetchKey(secretObject(name), undefined), answer] as const,
  );
  return { answers: new Map(given), lists: new Map() };
}

function holds(current: ObjectVersion): VaultAnswer {
  return { ok: true, current };
}

test("two readings that hold the same versions share one rendering, in whatever namespace the class is", () => {
  const [a, b] = [versionOf("a", noon), versionOf("b", noon)];
  const first = renderOnce(content, readingOf({ a: holds(a), b: holds(b) }), defaultSettings);
  const elsewhere: ClassContent = structuredClone(content);
  assert.equal(renderOnce(elsewhere, readingOf({ a: holds(a), b: holds(b) }), defaultSettings), first);
});

test("another version of any object, another answer, another class or other settings: rendered anew", () => {
  const [a, b] = [versionOf("a", noon), versionOf("b", noon)];
  const newer = { ...b, value: SecretValue.fromText("newer") };
  const valueOf = (given: VaultReading) => {
    const rendering = renderOnce(content, given, defaultSettings);
    const secret = rendering.ok ? rendering.secrets.get("app") : undefined;
    return secret?.ok === true ? new TextDecoder().decode(secret.data.get("l")?.reveal()) : undefined;
  };
  const both = readingOf({ a: holds(a), b: holds(b) });
  assert.equal(valueOf(both), "b-value");
  assert.equal(valueOf(readingOf({ a: holds(a), b: holds(newer) })), "newer");
  assert.equal(valueOf(readingOf({ a: holds(a), b: { ok: false, problem: "disabled" } })), undefined);
  assert.equal(valueOf(both), "b-value");
  const first = renderOnce(content, both, defaultSettings);
  assert.notEqual(renderOnce(content, both, { ...defaultSettings, driver: "1.5" }), first);
  const other = classOf("kv", ["a", "b"], { other: { k: "a" } }).content;
  assert.notEqual(renderOnce(other, both, defaultSettings), first);
});

test("a PFX is read once for each version and each way to mount it", () => {
  const { parts } = recorded("pfx-rsa2048-a");
  const held: ObjectVersion = {
    ...versionOf("site", noon),
    value: SecretValue.fromText(parts.value),
    contentType: parts.contentType,
    keyId: "https://contoso.vault.azure.net/keys/site/1",
  };
  const { content: made } = classOf("tls", ["site"], {});
  assert.ok(made.ok);
  const [object] = made.objects;
  assert.ok(object !== undefined);
  const file = fileOnce(object, held, defaultSettings);
  assert.ok(file.ok);
  assert.equal(fileOnce({ ...object, path: "elsewhere" }, held, defaultSettings), file);
  assert.notEqual(fileOnce({ ...object, format: "pfx" }, held, defaultSettings), file);
  assert.notEqual(fileOnce(object, { ...held }, defaultSettings), file, "kept with the version, not by what it says");
});
