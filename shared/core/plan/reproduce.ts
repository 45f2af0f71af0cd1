/**
 * *Reproduce before replace*: where certificates and keys are turned into other bytes, the bridge shows that it can make
 * what the driver made before it writes over it for the first time. If it can't, either somebody else wrote the Secret
 * or driver and provider are set up otherwise than the bridge believes.
 */

import type { PodStatus, SyncedSecret } from "../observed.ts";
import { fieldManager } from "../marker.ts";
import type { ClassContent, ClassObject, SecretObject } from "../provider-class.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import type { ProviderSettings } from "../rendering/provider-settings.ts";
import { driverSecret } from "../rendering/render-secret.ts";
import type { DriverSecret } from "../rendering/render-secret.ts";
import { render } from "../rendering/render.ts";
import type { Mounted } from "../rendering/render.ts";
import type { SecretValue } from "../secret-value.ts";
import type { ObjectVersion } from "../vault-object.ts";
import { versionKey } from "./plan-types.ts";
import type { Need, VaultView } from "./plan-types.ts";
import { idsOf } from "./wanted.ts";
import type { Wanted } from "./wanted.ts";

export interface Present {
  readonly secret: SyncedSecret;
  readonly entry: SecretObject;
  /** The keys that would be replaced. */
  readonly differing: readonly string[];
  /** Key -> the object whose file feeds it, and the version of it that is wanted. */
  readonly sources: ReadonlyMap<string, ClassObject>;
  readonly wanted: ReadonlyMap<string, Wanted>;
}

export interface Known {
  readonly content: Extract<ClassContent, { ok: true }>;
  /** Of the class, in the whole namespace. */
  readonly statuses: readonly PodStatus[];
  readonly vault: VaultView;
  readonly settings: ProviderSettings;
}

export type Reproduction =
  | { readonly kind: "reproduced" }
  /** The vault could not say; it is asked again. */
  | { readonly kind: "unsure"; readonly objects: readonly string[] }
  | { readonly kind: "strange"; readonly keys: readonly string[] }
  | { readonly kind: "needs"; readonly needs: readonly Need[] };

/** How many versions before the wanted one are tried. */
const mostBefore = 10;
/** Of those that pods show; whoever may write pod statuses must not make the bridge read the whole vault. */
const mostShown = 20;

/** May these keys be replaced? Asks for facts in steps, so that the usual case costs one version. */
export function reproduce(present: Present, known: Known): Reproduction {
  const { secret } = present;
  // Our own entry: we have been here before, so that is settled.
  if (secret.writers.some((writer) => writer.manager === fieldManager)) return { kind: "reproduced" };
  const results = present.differing.flatMap((key) => {
    const value = secret.data.get(key);
    const source = present.sources.get(key);
    const wanted = present.wanted.get(key);
    if (value === undefined || source === undefined || wanted === undefined) return [];
    return isTransformed(present.entry, wanted)
      ? [{ key, ...reproduceKey(key, value, source, wanted, present, known) }]
      : [];
  });
  const needs = results.flatMap((result) => (result.kind === "needs" ? result.needs : []));
  if (needs.length > 0) return { kind: "needs", needs };
  const unsure = results.flatMap((result) => (result.kind === "unsure" ? result.objects : []));
  if (unsure.length > 0) return { kind: "unsure", objects: [...new Set(unsure)] };
  const strange = results.filter(({ kind }) => kind === "strange").map(({ key }) => key);
  return strange.length > 0 ? { kind: "strange", keys: strange } : { kind: "reproduced" };
}

/** Certificates, public keys and all that goes into a TLS Secret. The text of a plain secret is nobody's rendering. */
function isTransformed(entry: SecretObject, { object, current }: Wanted): boolean {
  return entry.type === "kubernetes.io/tls" || object.type !== "secret" || (current.keyId ?? "") !== "";
}

function reproduceKey(
  key: string,
  value: SecretValue,
  source: ClassObject,
  wanted: Wanted,
  present: Present,
  known: Known,
): Reproduction {
  const made = (held: ObjectVersion) =>
    makes(key, value, filesOf(source, fileOf(key, source, present), held, known), present, known);
  if (made(wanted.current)) return { kind: "reproduced" };
  const shown = triedVersions(shownIds(source, known), wanted, known.vault, made);
  if (shown.kind !== "strange") return shown;
  const list = known.vault.earlier.get(wanted.key);
  if (list === undefined) return { kind: "needs", needs: [{ kind: "earlier", object: wanted.object }] };
  if (!list.ok)
    return passes(list.problem) ? { kind: "unsure", objects: [wanted.key] } : { kind: "strange", keys: [key] };
  const before = list.versions
    .filter(({ version, createdOn }) => version !== wanted.current.version && (createdOn ?? 0) <= wanted.createdOn)
    .toSorted((a, b) => (b.createdOn ?? 0) - (a.createdOn ?? 0))
    .slice(0, mostBefore)
    .filter(({ enabled }) => enabled);
  return triedVersions(
    before.map(({ version }) => version),
    wanted,
    known.vault,
    made,
  );
}

/** What pods of the class have mounted of the object. */
function shownIds(source: ClassObject, { statuses, vault }: Known): readonly string[] {
  const ids = idsOf(source, vault.lists);
  const shown = new Set(statuses.flatMap(({ versions }) => ids.flatMap((id) => versions.get(id) ?? [])));
  return [...shown].slice(0, mostShown);
}

function triedVersions(
  versions: readonly string[],
  wanted: Wanted,
  vault: VaultView,
  made: (held: ObjectVersion) => boolean,
): Reproduction {
  const needs: Need[] = [];
  let unsure = false;
  for (const version of versions) {
    const answer = vault.versions.get(versionKey(wanted.key, version));
    if (answer === undefined) needs.push({ kind: "version", object: wanted.object, version });
    else if (!answer.known) unsure ||= passes(answer.problem);
    else if (answer.held !== undefined && made(answer.held)) return { kind: "reproduced" };
  }
  if (needs.length > 0) return { kind: "needs", needs };
  return unsure ? { kind: "unsure", objects: [wanted.key] } : { kind: "strange", keys: [] };
}

function passes(problem: string): boolean {
  return problem === "throttled" || problem === "unavailable";
}

/** Is this the value of the key with these files? Key by key, because a Secret may mix several objects. */
function makes(key: string, value: SecretValue, files: Files, { entry }: Present, { settings }: Known): boolean {
  // Of equal keys the last wins.
  const data = entry.data.filter((item) => item.key === key).slice(-1);
  const secret = secretOf({ ...entry, data }, files, settings);
  return secret.ok && secret.data.get(key)?.equals(value) === true;
}

const secrets = new WeakMap<Files, Map<string, DriverSecret>>();

/** `driverSecret`, for as long as the files are kept: to read a private key takes long, and each look asks again. */
function secretOf(entry: SecretObject, files: Files, settings: ProviderSettings): DriverSecret {
  const known = secrets.get(files) ?? new Map<string, DriverSecret>();
  secrets.set(files, known);
  const name = JSON.stringify([entry.type, entry.data, entry.error, settings]);
  const secret = known.get(name) ?? driverSecret(entry, files, settings);
  known.set(name, secret);
  return secret;
}

/** Where the object would be mounted for this key to find it: with history every version has a path of its own. */
function fileOf(key: string, source: ClassObject, { entry }: Present): string {
  if (source.history <= 1) return source.path;
  const objectName = entry.data.findLast((item) => item.key === key)?.objectName ?? source.path;
  return objectName.replace(/\/(\d+)\.(?:crt|key)$/, "/$1");
}

type Files = Mounted["files"];
const noFiles: Files = new Map();

/** What was made of a version, for as long as the version itself is kept: reading a PFX takes tens of milliseconds. */
const made = new WeakMap<ObjectVersion, Map<string, Files>>();

/** The files of one object at one version, as if it were all that the class mounts. */
function filesOf(source: ClassObject, path: string, held: ObjectVersion, { content, settings }: Known): Files {
  const known = made.get(held) ?? new Map<string, Files>();
  made.set(held, known);
  const single = { ...source, path, pin: held.version, history: 0 };
  const name = JSON.stringify([single, settings]);
  const files = known.get(name) ?? mount({ ...content, objects: [single], secretObjects: [] }, single, held, settings);
  known.set(name, files);
  return files;
}

function mount(content: Known["content"], object: ClassObject, held: ObjectVersion, settings: ProviderSettings): Files {
  const answers = new Map([[fetchKey(object.object, held.version), { ok: true, current: held } as const]]);
  const mounted = render(content, answers, settings);
  return mounted.ok ? mounted.files : noFiles;
}
