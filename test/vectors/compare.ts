/** Our rendering of a vector against the recorded one. A difference is told by place, length and hash, never by value. */

import { createHash } from "node:crypto";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { neededLists, neededObjects } from "../../shared/core/rendering/needed-objects.ts";
import type { ProviderSettings } from "../../shared/core/rendering/provider-settings.ts";
import { render } from "../../shared/core/rendering/render.ts";
import type { Mounted, Rendering } from "../../shared/core/rendering/render.ts";
import type { RenderedSecret } from "../../shared/core/rendering/render-secret.ts";
import type { SecretValue } from "../../shared/core/secret-value.ts";
import { answersFor, listsFor } from "./cases.ts";
import type { Expected, ExpectedSecret, VectorCase } from "./cases.ts";

/** Attributes of the pod's volume lie over the class's parameters, as the driver lays them. */
export function renderCase(vector: VectorCase, driver: ProviderSettings["driver"] = "1.6"): Rendering {
  const parameters = { ...vector.parameters, ...vector.volumeAttributes };
  const { content } = parseProviderClass({
    metadata: { name: vector.name, namespace: "vectors" },
    spec: { provider: "azure", parameters, secretObjects: vector.secretObjects },
  });
  const { constructPEMChain: constructPemChain, writeCertAndKeyInSeparateFiles: separateFiles } = vector.providerFlags;
  const lists = listsFor(vector, neededLists(content));
  const answers = answersFor(vector, neededObjects(content, lists));
  return render(content, answers, { constructPemChain, separateFiles, driver }, lists);
}

/** All differences between our rendering of a case and the recorded outcome. */
export function differences(ours: Rendering, { mount, secrets }: Expected): readonly Difference[] {
  const ofMount = (what: string): readonly Difference[] => [{ secret: undefined, kind: "mount", what }];
  if (ours.ok !== mount.ok)
    return ofMount(
      ours.ok ? "the mount is rendered, an error upstream" : `the mount is refused (${ours.error.message})`,
    );
  if (!ours.ok || !mount.ok) return [];
  const inMount = mountDifference(ours, mount) ?? namesDiffer("Secrets", Object.keys(secrets), ours.secrets.keys());
  if (inMount !== undefined) return ofMount(inMount);
  return Object.entries(secrets).flatMap(([name, expected]): readonly Difference[] => {
    const found = ours.secrets.get(name);
    if (found === undefined) return ofMount(`Secret ${name}: missing`);
    if (!found.ok && expected.ok) {
      const kind = found.error.kind === "harmful" ? "harmful" : "secret";
      return [{ secret: name, kind, what: `Secret ${name}: refused (${found.error.message})` }];
    }
    const what = secretDifference(found, expected);
    return what === undefined ? [] : [{ secret: name, kind: "secret", what: `Secret ${name}: ${what}` }];
  });
}

export interface Difference {
  /** Name of the Secret; undefined for the mount. */
  readonly secret: string | undefined;
  /** `harmful`: the driver makes this Secret and the bridge refuses to, because no server could load it. */
  readonly kind: "mount" | "secret" | "harmful";
  readonly what: string;
}

type ExpectedMount = Extract<Expected["mount"], { ok: true }>;

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
