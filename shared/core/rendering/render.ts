/**
 * A class and the vault's answers -> the files that the Azure provider mounts and the Secrets that the driver makes of
 * them. Pure. Same bytes as provider 1.8.2 and driver 1.6.1, or a refusal: test/vectors/rendering holds the proof.
 */

import { fileAndDirectory } from "../mount-path.ts";
import { quote } from "../go/text.ts";
import type { ClassContent, ClassObject, RenderError } from "../provider-class.ts";
import type { SecretValue } from "../secret-value.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultAnswer, VaultProblem } from "../vault-object.ts";
import { fileContent, unsupportedObject } from "./file-content.ts";
import { fetchKey } from "./needed-objects.ts";
import { renderSecret } from "./render-secret.ts";
import type { RenderedSecret } from "./render-secret.ts";

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
  /** All objects that the vault did not give, each once per problem; `object` is an `objectKey`. */
  readonly problems: readonly { readonly object: string; readonly problem: VaultProblem }[];
}

export interface MountedFile {
  readonly content: SecretValue;
  readonly mode: number;
  /** The object whose bytes these are. */
  readonly object: ClassObject;
}

/**
 * `answers` holds the vault's answer for each of `neededObjects`, by `fetchKey`; one that is not there counts as
 * `unavailable`. Of two objects with one path or one id the later one wins.
 */
export function render(content: ClassContent, answers: ReadonlyMap<string, VaultAnswer>): Rendering {
  if (!content.ok) return { ok: false, error: content.error, problems: [] };
  for (const object of content.objects) {
    const error = unsupportedObject(object);
    if (error !== undefined) return { ok: false, error, problems: [] };
  }
  const problems = problemsOf(content.objects, answers);
  const files = new Map<string, MountedFile>();
  const versions = new Map<string, string>();
  let error = problems[0] === undefined ? pathsProblem(content.objects) : notGiven(problems);
  for (const object of content.objects) {
    const answer = answers.get(fetchKey(object.object, object.pin));
    if (answer?.ok !== true) continue;
    const file = fileContent(object, answer.current);
    if (!file.ok) error ??= file.error;
    else files.set(object.path, { content: file.content, mode: object.mode, object });
    versions.set(object.id, answer.current.version);
  }
  if (error !== undefined) return { ok: false, error, problems };
  // The driver's own words for it are "missing object versions".
  if (files.size === 0)
    return { ok: false, error: { kind: "invalid", message: "The class mounts no file." }, problems };
  const secrets = new Map(
    content.secretObjects.map((entry) => [entry.secretName, renderSecret(entry, files)] as const),
  );
  return { ok: true, files, versions, secrets };
}

function problemsOf(
  objects: readonly ClassObject[],
  answers: ReadonlyMap<string, VaultAnswer>,
): readonly { readonly object: string; readonly problem: VaultProblem }[] {
  const problems = new Map<string, { readonly object: string; readonly problem: VaultProblem }>();
  for (const { object, pin } of objects) {
    const answer = answers.get(fetchKey(object, pin));
    if (answer?.ok === true) continue;
    const problem = { object: objectKey(object), problem: answer?.problem ?? ("unavailable" as const) };
    problems.set(`${problem.object} ${problem.problem}`, problem);
  }
  return [...problems.values()];
}

function notGiven(problems: readonly { readonly object: string; readonly problem: VaultProblem }[]): RenderError {
  const all = problems.map(({ object, problem }) => `${object} (${problem})`).join(", ");
  return { kind: "invalid", message: `The vault does not give ${all}; pods cannot mount the class until it does.` };
}

function pathsProblem(objects: readonly ClassObject[]): RenderError | undefined {
  const path = fileAndDirectory(objects.map((object) => object.path));
  if (path === undefined) return undefined;
  const message = `spec.parameters.objects: ${quote(path)} is a file and a directory at once; change an objectAlias.`;
  return { kind: "invalid", message };
}
