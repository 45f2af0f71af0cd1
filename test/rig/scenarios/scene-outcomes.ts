/** What the bridge said and did in the namespaces of a scenario. */

import type { App } from "../../end-to-end/app.ts";
import type { Scene } from "./scene.ts";

export type SceneOutcomes = Pick<Scene, "outcome" | "outcomes" | "about" | "mark" | "steps">;

/** The first of `spaces` is meant where a call names none; further ones may be added on the way. */
export function sceneOutcomes(app: App, spaces: readonly string[]): SceneOutcomes {
  const [namespace = ""] = spaces;
  let marked = app.said("outcome").length;
  const told = (className: string, space: string) =>
    app
      .said("outcome")
      .slice(marked)
      .filter((line) => line["target"] === `rig/${space}` && line["class"] === className);

  const outcomes: SceneOutcomes = {
    outcome: (className, space) => outcomes.outcomes(className, space).at(-1),
    outcomes: (className, space = namespace) =>
      told(className, space).map(({ outcome, reason }) =>
        typeof reason === "string" ? `${String(outcome)}(${reason})` : String(outcome),
      ),
    about: (className, space = namespace) => {
      const about = told(className, space).at(-1)?.["about"];
      return Array.isArray(about) ? about.map(String) : [];
    },
    mark: () => {
      marked = app.said("outcome").length;
    },
    steps: (kind) =>
      app
        .said("step")
        .filter((line) => spaces.some((space) => line["target"] === `rig/${space}`))
        .map((line) => String(line["step"]))
        .filter((step) => step.startsWith(kind)),
  };
  return outcomes;
}

/** All that it said of a scenario (its name or namespaces), last lines last. */
export function timeline(app: App, name: string, spaces: readonly string[]): string {
  const lines = app.lines.map(({ message }) => message);
  const about = lines.filter((line) => [name, ...spaces].some((word) => line.includes(word)));
  return about.slice(-40).join("\n");
}
