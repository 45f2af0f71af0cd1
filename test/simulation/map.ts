/** The rotation map of a world, read as the app reads it. */

import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import type { RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import { vaultName } from "./names.ts";
import { type Shape } from "./shape.ts";

export function mapOf(shape: Shape): RotationMap {
  const names = [...new Set(shape.spaces.map(({ cluster }) => cluster))];
  const of = (cluster: string, which: "flows" | "mapped") =>
    JSON.stringify(
      shape.spaces.filter((space) => space.cluster === cluster && space[which]).map(({ namespace }) => namespace),
    );
  const flows = names
    .filter((name) => of(name, "flows") !== "[]")
    .map((name) => `{ cluster: ${name}, namespaces: ${of(name, "flows")} }`);
  const text = [
    `mode: ${shape.mode === "observe" ? "observe" : "act"}`,
    "withoutCage: true",
    ...(shape.mode === "stopped" ? ["writes: stopped"] : []),
    "vaults:",
    `  - { name: ${vaultName}, ${shape.china ? "url: https://contoso.vault.azure.cn, " : ""}flowsTo: [${flows.join(", ")}] }`,
    "clusters:",
    ...names.map(
      (name) =>
        `  - { name: ${name}, server: "https://127.0.0.1:1", token: { file: token }, namespaces: ${of(name, "mapped")} }`,
    ),
    ...shape.mapLines,
  ].join("\n");
  const parsed = parseRotationMap(text, "map.yaml");
  if (!parsed.ok) throw new Error(`A shape's map cannot be read: ${JSON.stringify(parsed)}`);
  return parsed.map;
}
