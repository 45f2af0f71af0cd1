/**
 * A class and the vault's answers -> the files that the Azure provider mounts and the Secrets that the driver makes of
 * them. Pure. Same bytes as provider 1.8.2 and driver 1.6.1, or a refusal: test/vectors/rendering holds the proof.
 */

import { fileAndDirectory, pathProblem } from "../mount-path.ts";
import { quote } from "../go/text.ts";
import type { ClassContent, ClassObject, RenderError } from "../provider-class.ts";
import type { SecretValue } from "../secret-value.ts";
import { objectKey } from "../vault-object.ts";
import type { ObjectVersion, VaultAnswer, VaultProblem } from "../vault-object.ts";
import type { PartSuffix } from "./certificate-secret.ts";
import { fileOnce } from "./file-once.ts";
import { fetchKey } from "./needed-objects.ts";
import { defaultSettings } from "./provider-settings.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { renderSecret } from "./render-secret.ts";
import type { RenderedSecret } from "./render-secret.ts";
import { mountedVersions } from "./version-history.ts";
import type { MountedVersion, VersionLists } from "./version-history.ts";

export type Rendering = Mounted | NotMounted;

export interface Mounted {
  readonly ok: true;
  /** Path in the mount -> its file. */
  readonly files: ReadonlyMap<string, MountedFile>;
  /** id -> version, as the pod status shows them. */
  readonly versions: ReadonlyMap<string, string>;
  /** By name of the Secret. Of two entries with one name the last stays: see `namesClaimedTwice`. */
  readonly secrets: ReadonlyMap<string, RenderedSecret>;
}

/** The mount fails, and with it every Secret of the class. */
export interface NotMounted {
  readonly ok: false;
  readonly error: RenderError;
  /** All objects that the vault did not give, each once per problem. */
  readonly problems: readonly ObjectProblem[];
}

export interface ObjectProblem {
  /** An `objectKey`. */
  readonly object: string;
  readonly problem: VaultProblem;
}

export interface MountedFile {
  readonly content: SecretValue;
  readonly mode: number;
  /** The object whose bytes these are, and the version of it that they were made from. */
  readonly object: ClassObject;
  readonly source: ObjectVersion;
  /** Set for what is written beside the whole file of a certificate. */
  readonly part: PartSuffix | undefined;
}

/**
 * `answers` holds the vault's answer for each of `neededObjects`, by `fetchKey`, and `lists` those for `neededLists`; one
 * that is not there counts as `unavailable`. Of two objects with one path or one id the later one wins.
 */
export function render(
  content: ClassContent,
  answers: ReadonlyMap<string, VaultAnswer>,
  settings: ProviderSettings = defaultSettings,
  lists: VersionLists = new Map(),
): Rendering {
  if (!content.ok) return { ok: false, error: content.error, problems: [] };
  const asked = askFor(content.objects, answers, lists);
  if (!asked.ok) return asked;
  const files = new Map<string, MountedFile>();
  const versions = new Map<string, string>();
  for (const { object, id, path, answer } of asked.given) {
    const file = fileOnce(object, answer.current, settings);
    if (!file.ok) return { ok: false, error: file.error, problems: [] };
    // The provider writes the parts of a certificate before the whole.
    const from = { mode: object.mode, object, source: answer.current };
    for (const [suffix, part] of file.extra) files.set(path + suffix, { content: part, part: suffix, ...from });
    files.set(path, { content: file.content, part: undefined, ...from });
    versions.set(id, answer.current.version);
  }
  const error = filesProblem([...files.keys()]);
  if (error !== undefined) return { ok: false, error, problems: [] };
  const secrets = new Map(
    content.secretObjects.map((entry) => [entry.secretName, renderSecret(entry, files, settings)] as const),
  );
  return { ok: true, files, versions, secrets };
}

interface Given extends MountedVersion {
  readonly answer: Extract<VaultAnswer, { ok: true }>;
}

/** Everything that the class mounts with what the vault gave; all that it did not give where it is not whole. */
function askFor(
  objects: readonly ClassObject[],
  answers: ReadonlyMap<string, VaultAnswer>,
  lists: VersionLists,
): { readonly ok: true; readonly given: readonly Given[] } | NotMounted {
  const given: Given[] = [];
  const problems = new Map<string, ObjectProblem>();
  let ambiguous: RenderError | undefined;
  for (const object of objects) {
    const key = objectKey(object.object);
    const note = (problem: VaultProblem) => problems.set(`${key} ${problem}`, { object: key, problem });
    const mounted = mountedVersions(object, lists);
    if (!mounted.ok) {
      if (mounted.problem === "ambiguous") ambiguous ??= undefinedOrder(object);
      else note(mounted.problem);
      continue;
    }
    for (const version of mounted.versions) {
      const answer = answers.get(fetchKey(object.object, version.pin));
      if (answer?.ok === true) given.push({ ...version, answer });
      else note(answer?.problem ?? "unavailable");
    }
  }
  if (ambiguous !== undefined) return { ok: false, error: ambiguous, problems: [] };
  if (problems.size === 0) return { ok: true, given };
  const all = [...problems.values()];
  return { ok: false, error: notGiven(all), problems: all };
}

function undefinedOrder(object: ClassObject): RenderError {
  const message = `spec.parameters.objects, ${quote(object.id)}: more than 12 versions, some of them created in the same second, so that objectVersionHistory has no certain order; remove old versions.`;
  return { kind: "unsupported", message };
}

function notGiven(problems: readonly ObjectProblem[]): RenderError {
  const all = problems.map(({ object, problem }) => `${object} (${problem})`).join(", ");
  return { kind: "invalid", message: `The vault does not give ${all}; pods cannot mount the class until it does.` };
}

/** What the driver has against the files as a whole. */
function filesProblem(paths: readonly string[]): RenderError | undefined {
  const invalid = (message: string): RenderError => ({ kind: "invalid", message });
  // The driver's own words for it are "missing object versions".
  if (paths.length === 0) return invalid("The class mounts no file.");
  for (const path of paths) {
    const problem = pathProblem(path, false);
    if (problem !== undefined) return invalid(`spec.parameters.objects: the file name ${quote(path)} ${problem}`);
  }
  const both = fileAndDirectory(paths);
  if (both === undefined) return undefined;
  return invalid(`spec.parameters.objects: ${quote(both)} is a file and a directory at once; change an objectAlias.`);
}
