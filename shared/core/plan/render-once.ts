/**
 * The same answers of the vault are planned with many times (missing facts, polls, namespaces with the same class), and
 * to read a PFX takes tens of milliseconds.
 */

import type { ClassContent } from "../provider-class.ts";
import type { ProviderSettings } from "../rendering/provider-settings.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import { render } from "../rendering/render.ts";
import type { Rendering } from "../rendering/render.ts";
import type { ObjectVersion } from "../vault-object.ts";
import type { VaultReading } from "./plan-types.ts";

/** What the vault said of each object of the class: a version, or why there is none. */
type Given = readonly (ObjectVersion | string)[];

interface Made {
  readonly given: Given;
  readonly rendering: Rendering;
}

/** By reading where the vault gave no version, else by the first of them: kept no longer than that is. */
const renderings = new WeakMap<object, Map<string, Made>>();

/** Classes as they are written whose renderings are kept for one version. In a fan-out many namespaces have the same one. */
const mostClasses = 32;

/**
 * `render`, done once for each class as it is written and each answer of the vault. Neither readings nor versions are ever
 * changed, so whoever holds the same version gets what was made of it.
 */
export function renderOnce(content: ClassContent, reading: VaultReading, settings: ProviderSettings): Rendering {
  const given = givenFor(content, reading);
  const holder = given.find((answer) => typeof answer !== "string") ?? reading.answers;
  const known = renderings.get(holder) ?? new Map<string, Made>();
  renderings.set(holder, known);
  const key = keyOf(content, settings);
  const found = known.get(key);
  if (found !== undefined && isSame(found.given, given)) return found.rendering;
  const rendering = render(content, reading.answers, settings, reading.lists);
  known.set(key, { given, rendering });
  const [oldest] = known.keys();
  if (known.size > mostClasses && oldest !== undefined) known.delete(oldest);
  return rendering;
}

function givenFor(content: ClassContent, { answers, lists }: VaultReading): Given {
  if (!content.ok) return [];
  // Lists of versions are new in each reading: with history a rendering is kept for its own reading only.
  if (lists.size > 0) return ["history"];
  return content.objects.map(({ object, pin }) => {
    const answer = answers.get(fetchKey(object, pin));
    return answer?.ok === true ? answer.current : (answer?.problem ?? "none");
  });
}

function isSame(one: Given, other: Given): boolean {
  return one.length === other.length && one.every((answer, index) => answer === other[index]);
}

/** By the text of the settings. A content that was parsed once is planned with at many looks. */
const keys = new WeakMap<ClassContent, Map<string, string>>();

function keyOf(content: ClassContent, settings: ProviderSettings): string {
  const known = keys.get(content) ?? new Map<string, string>();
  keys.set(content, known);
  const text = JSON.stringify(settings);
  const key = known.get(text) ?? `${JSON.stringify(content)}${text}`;
  known.set(text, key);
  return key;
}
