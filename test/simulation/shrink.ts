/** Cuts a failing script down: acts are taken away for as long as a law of the same kind still breaks. */

import type { Act } from "./acts.ts";
import { play, type Script } from "./run-seed.ts";

export interface Shrunk {
  readonly acts: readonly Act[];
  readonly broken: readonly string[];
}

/** At most `tries` runs, and none once it is `until` (of `performance.now()`). */
export async function shrink(
  script: Script,
  broken: readonly string[],
  { tries = 150, until = Infinity }: { readonly tries?: number; readonly until?: number } = {},
): Promise<Shrunk> {
  const kinds = new Set(broken.map(kindOf));
  let best: Shrunk = { acts: script.acts, broken };
  let left = tries;
  const mayTry = () => left > 0 && performance.now() < until;
  const attempt = async (acts: readonly Act[]): Promise<boolean> => {
    left -= 1;
    const found = await brokenBy({ ...script, acts });
    if (!found.some((law) => kinds.has(kindOf(law)))) return false;
    best = { acts, broken: found };
    return true;
  };
  for (
    let size = Math.ceil(script.acts.length / 2);
    size >= 1 && mayTry();
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.acts.length && mayTry();) {
      const fewer = best.acts.toSpliced(from, size);
      if (!(await attempt(fewer))) from += size;
    }
  }
  return best;
}

async function brokenBy(script: Script): Promise<readonly string[]> {
  try {
    return (await play(script)).broken;
  } catch (error) {
    return [`thrown: ${error instanceof Error ? error.message : "?"}`];
  }
}

/** A broken law without its time, names and numbers. */
function kindOf(law: string): string {
  return law
    .replace(/^[\d.]+ s: /, "")
    .replaceAll(/[a-z0-9-]*\/[a-z0-9/-]*|pod \S+|instance \d+|\d+|\(.*?\)|[A-Z][A-Za-z]+ [a-z]\S*/g, "")
    .replaceAll(/but .*$/g, "but");
}
