/** A rendering as a person compares it with a cluster: names, sizes, hashes and where the bytes come from. No value. */

import type { ProviderClass, SecretObject } from "../shared/core/provider-class.ts";
import { allReasons } from "../shared/core/reasons.ts";
import type { RefusedReason } from "../shared/core/reasons.ts";
import { classReason, mountRefusal, secretReason } from "../shared/core/rendering/named-refusal.ts";
import type { ProviderSettings } from "../shared/core/rendering/provider-settings.ts";
import type { Mounted, MountedFile, Rendering } from "../shared/core/rendering/render.ts";
import { sha256 } from "../shared/core/rendering/sha256.ts";
import { namesClaimedTwice } from "../shared/core/secret-objects.ts";
import type { SecretValue } from "../shared/core/secret-value.ts";
import type { FoundClass } from "./class-file.ts";
import { describeFile, describeKey } from "./origin.ts";

/** Also what `--json` prints, so a change of a name here is a change of docs/cli.md. */
export interface RenderReport {
  readonly class: { readonly namespace?: string; readonly name: string; readonly vault?: string };
  readonly settings: {
    readonly constructPEMChain: boolean;
    readonly writeCertAndKeyInSeparateFiles: boolean;
    readonly driver: ProviderSettings["driver"];
  };
  /** Set where nothing of the class is rendered. */
  readonly refused?: Refused;
  readonly files: readonly FileLine[];
  /** Object -> version, as pod statuses name them: `secret/db-password`, with history `secret/db-password/0`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly secrets: readonly SecretReport[];
  readonly notes: readonly string[];
}

export interface Refused {
  readonly reason: RefusedReason;
  readonly sentence: string;
  readonly about: readonly string[];
}

interface Bytes {
  readonly bytes: number;
  readonly sha256: string;
  /** `secret/db-password`, and the version's id. */
  readonly object: string;
  readonly version: string;
  readonly made: string;
}

export interface FileLine extends Bytes {
  readonly path: string;
  /** Octal. */
  readonly mode: string;
}

export interface KeyLine extends Bytes {
  readonly key: string;
  readonly file: string;
}

export type SecretReport =
  | { readonly name: string; readonly type: string; readonly keys: readonly KeyLine[] }
  | { readonly name: string; readonly refused: Refused };

export function reportOf(
  { item, namespace }: FoundClass,
  rendering: Rendering,
  settings: ProviderSettings,
): RenderReport {
  const { content } = item;
  const about = {
    class: {
      ...(namespace === undefined ? {} : { namespace }),
      name: item.name,
      ...(content.ok ? { vault: content.vault } : {}),
    },
    settings: {
      constructPEMChain: settings.constructPemChain,
      writeCertAndKeyInSeparateFiles: settings.separateFiles,
      driver: settings.driver,
    },
  };
  if (rendering.ok) {
    const files = [...rendering.files].map(([path, file]) => fileLine(path, file));
    const secrets = secretsOf(content.secretObjects, rendering);
    return {
      ...about,
      files,
      versions: Object.fromEntries(rendering.versions),
      secrets,
      notes: notesOf(item, rendering),
    };
  }
  const refusal = classRefusal(item, rendering);
  const names = [...new Set(content.secretObjects.map(({ secretName }) => secretName))];
  const secrets = names.map((name) => ({ name, refused: refusal }));
  return { ...about, refused: refusal, files: [], versions: {}, secrets, notes: notesOf(item, rendering) };
}

export function isWhole({ refused, secrets }: RenderReport): boolean {
  return refused === undefined && secrets.every((secret) => !("refused" in secret));
}

function classRefusal({ provider, content }: ProviderClass, rendering: Extract<Rendering, { ok: false }>): Refused {
  const { error } = rendering;
  if (provider !== "azure") return refusedWith("other-provider", [error.message]);
  if (!content.ok) return refusedWith(classReason(error), [error.message]);
  const refusal = mountRefusal(rendering);
  // A folder gives an answer or is refused as a whole, so nothing is merely late here.
  return refusal === undefined
    ? refusedWith("object-missing", [error.message])
    : refusedWith(refusal.reason, refusal.about);
}

function refusedWith(reason: RefusedReason, about: readonly string[]): Refused {
  return { reason, sentence: allReasons[reason], about };
}

function fileLine(path: string, file: MountedFile): FileLine {
  return { path, mode: octal(file.mode), ...bytesOf(file.content, file), made: describeFile(file) };
}

function bytesOf(value: SecretValue, { object, source }: MountedFile) {
  return { bytes: value.size, sha256: sha256(value), object: object.id, version: source.version };
}

function octal(mode: number): string {
  return `${mode < 0 ? "-" : ""}${Math.abs(mode).toString(8).padStart(4, "0")}`;
}

/** Of two entries with one name the last is what the driver leaves; the bridge refuses both. */
function secretsOf(entries: readonly SecretObject[], { files, secrets }: Mounted): readonly SecretReport[] {
  const twice = namesClaimedTwice(entries);
  return [...secrets].map(([name, rendered]): SecretReport => {
    if (twice.has(name))
      return { name, refused: refusedWith("double-claim", ["spec.secretObjects names it more than once."]) };
    if (!rendered.ok) return { name, refused: refusedWith(secretReason(rendered.error), [rendered.error.message]) };
    const entry = entries.find(({ secretName }) => secretName === name);
    const fileOf = new Map(entry?.data.map(({ key, objectName }) => [key, objectName]));
    const keys = [...rendered.data].flatMap(([key, value]): readonly KeyLine[] => {
      const path = fileOf.get(key) ?? "";
      const file = files.get(path);
      if (file === undefined) return [];
      return [{ key, ...bytesOf(value, file), file: path, made: describeKey(rendered.type, key, path) }];
    });
    return { name, type: rendered.type, keys };
  });
}

function notesOf(item: ProviderClass, rendering: Rendering): readonly string[] {
  const notes: string[] = [];
  if (item.ignored) notes.push(`The bridge does not act on this class (ignored): ${allReasons.ignored}`);
  if (rendering.ok) notes.push(...splitCertificates(rendering));
  return notes;
}

/** The bridge waits while a certificate and its secret are of two versions; two commands may have met a renewal. */
function splitCertificates({ files }: Mounted): readonly string[] {
  const current = [...files.values()].filter(({ object }) => object.pin === undefined && object.history <= 1);
  return current
    .filter(({ object }) => object.object.type === "cert")
    .flatMap((cert) => {
      const other = current.find(
        ({ object, source }) =>
          object.object.name.toLowerCase() === cert.object.object.name.toLowerCase() &&
          source.version !== cert.source.version,
      );
      if (other === undefined) return [];
      const both = `${cert.object.id} is of version ${cert.source.version} and ${other.object.id} of ${other.source.version}`;
      return [`${both}: the bridge waits (vault-stale) until the vault names one version. Read both again.`];
    });
}
