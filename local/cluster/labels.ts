/** Label selectors as a list or watch request spells them. */

import { listAt, objectAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** Does the object carry the labels that `selector` (`a=b,c!=d,e,!f,g in (x,y),h notin (z)`) asks for? */
export function matchesSelector(object: JsonObject, selector: string): boolean {
  const labels = objectAt(object, "metadata", "labels");
  const terms = selector.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return terms.every((term) => matchesTerm(labels, term.trim()));
}

/** Does the object carry what a workload's `spec.selector` (matchLabels and matchExpressions) asks for? */
export function matchesLabelSelector(object: JsonObject, selector: JsonObject): boolean {
  const labels = objectAt(object, "metadata", "labels");
  return (
    Object.entries(objectAt(selector, "matchLabels")).every(([key, value]) => labels[key] === value) &&
    listAt(selector, "matchExpressions").every((expression) => {
      const operator = textAt(expression, "operator");
      const key = textAt(expression, "key");
      if (operator === "Exists") return key in labels;
      if (operator === "DoesNotExist") return !(key in labels);
      const listed = listAt(expression, "values").includes(labels[key] ?? "");
      return operator === "In" ? listed : !listed;
    })
  );
}

function matchesTerm(labels: JsonObject, term: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return values.includes(textAt(labels, set[1] ?? "")) === (set[2] === "in");
  }
  const pair = /^([^=!\s]+)\s*(!=|==?)\s*(.*)$/.exec(term);
  if (pair !== null) return (labels[pair[1] ?? ""] === pair[3]) === (pair[2] !== "!=");
  return term.startsWith("!") ? !(term.slice(1) in labels) : term in labels;
}
