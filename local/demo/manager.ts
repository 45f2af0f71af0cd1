import { at, isObject, listAt, textAt } from "../cluster/json.ts";
import type { JsonObject } from "../cluster/json.ts";

/** Who wrote this key of the Secret, by the API server's own book-keeping (managedFields). */
export function managerOfData(secret: JsonObject, key: string): string {
  const owner = listAt(secret, "metadata", "managedFields")
    .filter(isObject)
    .findLast((entry) => at(entry, "fieldsV1", "f:data", `f:${key}`) !== undefined);
  const manager = textAt(owner, "manager");
  return manager === "rotation-bridge" ? "bridge" : manager;
}
