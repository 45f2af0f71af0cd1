/** Our rendering of a vector against the recorded one. A difference is told by place, length and hash, never by value. */

import { createHash } from "node:crypto";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { neededObjects } from "../../shared/core/rendering/needed-objects.ts";
import { render } from "../../shared/core/rendering/render.ts";
import type { Mounted, Rendering } from "../../shared/core/rendering/render.ts";
import type { RenderedSecret } from "../../shared/core/rendering/render-secret.ts";
import type { SecretValue } from "../../shared/core/secret-value.ts";
import { answersFor } from "./cases.ts";
import type { ExpectedSecret, VectorCase } from "./cases.ts";

export function renderCase(vector: VectorCase): Rendering {
  const { content } = parseProviderClass({
    metadata: { name: vector.name, namespace: "vectors" },
    spec: { provider: "azure", parameters: vector.parameters, secretObjects: vector.secretObjects },
  });
  return render(content, answersFor(vector, neededObjects(content)));
}

/** The first difference of a case that must be rendered; undefined if there is none. */
export function difference(vector: VectorCase): string | undefined {
  const ours = renderCase(vector);
  const { mount, secrets } = vector.expect;
  if (ours.ok !== mount.ok) return `the mount is ${ours.ok ? "rendered" : `refused (${ours.error.message})`}`;
  if (!ours.ok || !mount.ok) return undefined;
  const inMount = mountDifference(ours, mount);
  if (inMount !== undefined) return inMount;
  const names = namesDiffer("Secrets", Object.keys(secrets), ours.secrets.keys());
  if (names !== undefined) return names;
  for (const [name, expected] of Object.entries(secrets)) {
    const found = ours.secrets.get(name);
    if (found === undefined) return `Secret ${name}: missing`;
    if (!found.ok && expected.ok && !isNameless(name)) return `Secret ${name}: refused (${found.error.message})`;
    const inSecret = secretDifference(found, expected);
    if (inSecret !== undefined) return `Secret ${name}: ${inSecret}`;
  }
  return undefined;
}

/**
 * For a case that is left out: what it renders that is wrong, or refuses without saying `unsupported`. Undefined means
 * that it refuses what it must, and that whatever it does render is right.
 */
export function unsafe(vector: VectorCase): string | undefined {
  const ours = renderCase(vector);
  const { mount, secrets } = vector.expect;
  if (!ours.ok)
    return mount.ok && ours.error.kind !== "unsupported" ? `wrongly invalid: ${ours.error.message}` : undefined;
  if (!mount.ok) return "renders a mount that fails upstream";
  const inMount = mountDifference(ours, mount);
  if (inMount !== undefined) return inMount;
  for (const [name, found] of ours.secrets) {
    const expected = secrets[name];
    if (expected === undefined) return `Secret ${name}: not made upstream`;
    if (!found.ok && expected.ok && found.error.kind !== "unsupported") return `Secret ${name}: wrongly invalid`;
    const inSecret = secretDifference(found, expected);
    if (inSecret !== undefined) return `Secret ${name}: ${inSecret}`;
  }
  return undefined;
}

/** True if the mount or at least one Secret is refused. */
export function refusesSomething(vector: VectorCase): boolean {
  const ours = renderCase(vector);
  return !ours.ok || [...ours.secrets.values()].some(({ ok }) => !ok);
}

type ExpectedMount = Extract<VectorCase["expect"]["mount"], { ok: true }>;

function mountDifference(ours: Mounted, expected: ExpectedMount): string | undefined {
  const names = namesDiffer("files", Object.keys(expected.files), ours.files.keys());
  if (names !== undefined) return names;
  for (const [path, file] of Object.entries(expected.files)) {
    const found = ours.files.get(path);
    if (found?.mode !== file.mode) return `file ${path}: mode ${found?.mode} instead of ${file.mode}`;
    const bytes = bytesDiffer(found.content, file.base64);
    if (bytes !== undefined) return `file ${path}: ${bytes}`;
  }
  const ids = namesDiffer("versions", Object.keys(expected.versions), ours.versions.keys());
  if (ids !== undefined) return ids;
  for (const [id, version] of Object.entries(expected.versions))
    if (ours.versions.get(id) !== version) return `version of ${id}: ${ours.versions.get(id)} instead of ${version}`;
  return undefined;
}

/** What a Secret that we render has wrong; a refusal is no difference here. */
function secretDifference(found: RenderedSecret, expected: ExpectedSecret): string | undefined {
  if (!found.ok) return undefined;
  if (!expected.ok) return "rendered, an error upstream";
  if (found.type !== expected.type) return `type ${found.type} instead of ${expected.type}`;
  const keys = namesDiffer("keys", Object.keys(expected.data), found.data.keys());
  if (keys !== undefined) return keys;
  for (const [key, base64] of Object.entries(expected.data)) {
    const value = found.data.get(key);
    const bytes = value === undefined ? "missing" : bytesDiffer(value, base64);
    if (bytes !== undefined) return `key ${key}: ${bytes}`;
  }
  return undefined;
}

// The vectors' README: "only `name-blank` is refused there, for its empty name". We refuse as the reconciler does.
function isNameless(name: string): boolean {
  return name === "";
}

function bytesDiffer(ours: SecretValue, base64: string): string | undefined {
  const found = Buffer.from(ours.reveal());
  const expected = Buffer.from(base64, "base64");
  if (found.equals(expected)) return undefined;
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  const tell = (bytes: Buffer): string =>
    `${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}`;
  return `${tell(found)} instead of ${tell(expected)}, first at ${at === -1 ? found.length : at}`;
}

function namesDiffer(what: string, expected: Iterable<string>, found: Iterable<string>): string | undefined {
  const wanted = [...expected];
  const present = [...found];
  const missing = wanted.filter((name) => !present.includes(name));
  const extra = present.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && extra.length === 0) return undefined;
  return `${what}: missing ${JSON.stringify(missing)}, extra ${JSON.stringify(extra)}`;
}
