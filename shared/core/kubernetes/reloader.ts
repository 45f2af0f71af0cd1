/**
 * Stakater Reloader's annotations and traces: would it restart this workload itself, and has it?
 * Source: Reloader's own annotation names and its rule that exclusion wins over every other annotation.
 */

import type { ReloaderIntent, SecretUse } from "../observed.ts";
import { latestTime } from "./managed-fields.ts";
import type { ManagedEntry } from "./managed-fields.ts";
import { annotation } from "./metadata.ts";
import { entries, field } from "./read.ts";
import { reloadedFromAnnotation } from "./reloader-traces.ts";

const autoAnnotations = ["reloader.stakater.com/auto", "secret.reloader.stakater.com/auto"];
const reloadAnnotation = "secret.reloader.stakater.com/reload";
const excludeAnnotation = "secrets.exclude.reloader.stakater.com/reload";
const ignoreAnnotation = "reloader.stakater.com/ignore";

/**
 * Which Secrets Reloader would restart the workload for, from the workload's and the pod template's annotations.
 * `auto` means every Secret that the template reads; with an exclusion, these without the excluded ones.
 */
export function reloaderIntent(workload: unknown, template: unknown, uses: SecretUse): ReloaderIntent | undefined {
  const values = (name: string) => [annotation(workload, name), annotation(template, name)];
  if (values(ignoreAnnotation).some(isTrue)) return undefined;
  const auto = autoAnnotations.some((name) => values(name).some(isTrue));
  const excluded = new Set(values(excludeAnnotation).flatMap(names));
  if (auto && excluded.size === 0) return { all: true };
  const wanted = [...values(reloadAnnotation).flatMap(names), ...(auto ? uses.reads.map((read) => read.secret) : [])];
  const secrets = new Set(wanted.filter((name) => !excluded.has(name)));
  return secrets.size === 0 ? undefined : { all: false, secrets };
}

/** Time of the newest managedFields entry that owns Reloader's env variable or annotation on the pod template. */
export function reloaderTraceAt(workload: unknown): number | undefined {
  return latestTime(workload, ownsTrace);
}

function ownsTrace(entry: ManagedEntry): boolean {
  const template = field(entry.fields, "f:spec", "f:template");
  if (field(template, "f:metadata", "f:annotations", `f:${reloadedFromAnnotation}`) !== undefined) return true;
  return ["f:containers", "f:initContainers"]
    .flatMap((name) => entries(field(template, "f:spec", name)))
    .flatMap(([, container]) => entries(field(container, "f:env")))
    .some(([item]) => item.startsWith('k:{"name":"STAKATER_'));
}

/** What Go's strconv.ParseBool takes for true. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "t", "T", "TRUE", "true", "True"].includes(value);
}

function names(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
