/** One reading of the vault is planned with many times (missing facts, polls), and to read a PFX takes tens of milliseconds. */

import type { ClassContent } from "../provider-class.ts";
import type { ProviderSettings } from "../rendering/provider-settings.ts";
import { render } from "../rendering/render.ts";
import type { Rendering } from "../rendering/render.ts";
import type { VaultReading } from "./plan-types.ts";

/** Kept as long as the reading itself. */
const renderings = new WeakMap<VaultReading["answers"], Map<string, Rendering>>();

/** `render`, done once for each class as it is written and each reading. A reading is never changed. */
export function renderOnce(content: ClassContent, reading: VaultReading, settings: ProviderSettings): Rendering {
  const known = renderings.get(reading.answers) ?? new Map<string, Rendering>();
  renderings.set(reading.answers, known);
  const key = JSON.stringify([content, settings]);
  const rendering = known.get(key) ?? render(content, reading.answers, settings, reading.lists);
  known.set(key, rendering);
  return rendering;
}
