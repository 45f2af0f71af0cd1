/**
 * Drivers and laws render the same classes from the same versions over and over, and to read a PFX takes tens of
 * milliseconds: what was rendered last is kept for as long as the class is as it is.
 */

import type { ClassContent, SecretObject } from "../../../shared/core/provider-class.ts";
import type { ProviderSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { driverSecret } from "../../../shared/core/rendering/render-secret.ts";
import type { DriverSecret } from "../../../shared/core/rendering/render-secret.ts";
import { render } from "../../../shared/core/rendering/render.ts";
import type { Mounted, Rendering } from "../../../shared/core/rendering/render.ts";
import type { VersionLists } from "../../../shared/core/rendering/version-history.ts";
import type { ObjectVersion, VaultAnswer } from "../../../shared/core/vault-object.ts";
import { once } from "../once.ts";

interface Last {
  readonly versions: readonly (ObjectVersion | undefined)[];
  readonly rendering: Rendering;
}

const lastOf = once<ClassContent, Map<ProviderSettings, Last>>(() => new Map());

/** `render`. A version that is the very same object holds the same. */
export function renderAgain(
  content: ClassContent,
  answers: ReadonlyMap<string, VaultAnswer>,
  settings: ProviderSettings,
  lists: VersionLists,
): Rendering {
  const versions = [...answers.values()].map((answer) => (answer.ok ? answer.current : undefined));
  const mayKeep = lists.size === 0 && !versions.includes(undefined);
  const last = mayKeep ? lastOf(content).get(settings) : undefined;
  if (last?.versions.length === versions.length && versions.every((version, at) => version === last.versions[at]))
    return last.rendering;
  const rendering = render(content, answers, settings, lists);
  if (mayKeep) lastOf(content).set(settings, { versions, rendering });
  return rendering;
}

const secretsOf = once<Mounted["files"], Map<SecretObject, DriverSecret>>(() => new Map());

/** `driverSecret`, once for these files. All that ask for it have the settings with which the files were made. */
export function driverSecretAgain(
  entry: SecretObject,
  files: Mounted["files"],
  settings: ProviderSettings,
): DriverSecret {
  const known = secretsOf(files);
  const secret = known.get(entry) ?? driverSecret(entry, files, settings);
  known.set(entry, secret);
  return secret;
}
