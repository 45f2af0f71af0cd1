/** Names of files in a mount: what the Azure provider and the driver's atomic writer take (Linux nodes). */

import { goLength } from "./go/text.ts";

/**
 * What is wrong with the path of an object's file, as the end of a sentence; undefined if nothing is. With version
 * history the provider itself makes the path clean, so that only its own rules count.
 * Rules: the provider's validate.go, then pkg/util/fileutil of the driver (v1.6.1). Lengths are bytes.
 */
export function pathProblem(path: string, history: boolean): string | undefined {
  if (path.startsWith("/")) return "is absolute; write a path relative to the mount.";
  if (path.includes("..")) return "contains '..'; remove it.";
  if (path.includes("\0")) return "contains a zero character; remove it.";
  if (history) return undefined;
  if (goLength(path) > 4096) return "is longer than 4096 bytes; shorten it.";
  const parts = path.split("/");
  if (parts.some((part) => goLength(part) > 255)) return "has a part longer than 255 bytes; shorten it.";
  if (parts.some((part) => part === "" || part === "."))
    return "is not clean; write it without '//', './' and without a '/' at its end.";
  return undefined;
}

/** The first path that is a file of its own and a directory of another one; the driver cannot write both. */
export function fileAndDirectory(paths: Iterable<string>): string | undefined {
  const all = new Set(paths);
  for (const path of all) {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      if (all.has(path.slice(0, slash))) return path.slice(0, slash);
  }
  return undefined;
}
