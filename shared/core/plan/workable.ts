/** What of a survey may be worked on at this look; the rest is said. */

import type { Say } from "./class-findings.ts";
import { holdClasses, neverRefreshes } from "./hold-classes.ts";
import type { Look } from "./look.ts";
import type { Obstacle } from "./wait.ts";

/** The same look with only the classes active that are neither held nor hopeless. */
export function workable(look: Look, say: Say): Look {
  const held = holdClasses(look, say);
  const hopeless = new Map<string, Obstacle>();
  for (const [name, owner] of look.active) {
    if (held.has(name) || !neverRefreshes(owner, look)) continue;
    const outcome = { kind: "refused", reason: "never-refreshes", about: [`SecretProviderClass/${name}`] } as const;
    say(name, outcome);
    hopeless.set(name, outcome);
  }
  const active = new Map([...look.active].filter(([name]) => !held.has(name) && !hopeless.has(name)));
  return { ...look, active, held, unwritten: new Map([...held, ...hopeless]) };
}
