/** Label selectors as a list or watch request spells them. */

import { listAt, objectAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** Asks objects for the labels that `selector` (`a=b,c!=d,e,!f,g in (x,y),h notin (z)`) wants; an empty one takes all. */
export function selectorOf(selector: string): (object: JsonObject) => boolean {
  const terms = (selector.match(/[^,(]+(\([^)]*\))?/g) ?? []).map((term) => termOf(term.trim()));
  return (object) => {
    const labels = objectAt(object, "metadata", "labels");
    return terms.every((matches) => matches(labels));
  };
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

function termOf(term: string): (labels: JsonObject) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, name = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(textAt(labels, name)) === (operator === "in");
  }
  const pair = /^([^=!\s]+)\s*(!=|==?)\s*(.*)$/.exec(term);
  if (pair !== null) {
    const [, name = "", operator, value] = pair;
    return (labels) => (labels[name] === value) === (operator !== "!=");
  }
  return term.startsWith("!") ? (labels) => !(term.slice(1) in labels) : (labels) => term in labels;
}
