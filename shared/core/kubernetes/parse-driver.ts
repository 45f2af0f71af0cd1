/**
 * What the driver's own objects tell of it: the CSIDriver object and the DaemonSet. Facts: 1.5 knows no
 * `requiresRepublish`; 1.6 sets it (always in the plain YAML, with rotation in the Helm chart), so false says nothing.
 */

import type { Driver } from "../observed.ts";
import { field, list, text } from "./read.ts";

/** Either may be undefined: not there, or not readable. */
export function parseDriver(csiDriver: unknown, daemonSet: unknown): Driver {
  const container = list(field(daemonSet, "spec", "template", "spec", "containers")).find(
    (one) => field(one, "name") === "secrets-store",
  );
  const args = list(field(container, "args")).flatMap((arg) => text(arg) ?? []);
  const republishes = field(csiDriver, "spec", "requiresRepublish") === true;
  return {
    generation: generationOf(text(field(container, "image")) ?? "") ?? (republishes ? "1.6" : "unknown"),
    rotation: container === undefined ? "unknown" : isOn(flag(args, "enable-secret-rotation")) ? "on" : "off",
    pollIntervalMs: duration(flag(args, "rotation-poll-interval")) ?? 120_000,
  };
}

/** By the image's tag, as in `.../secrets-store/driver:v1.5.6`. */
function generationOf(image: string): Driver["generation"] | undefined {
  const [, major, minor] = /:v?(\d+)\.(\d+)[^/]*$/.exec(image.replace(/@.*$/, "")) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return Number(major) * 1000 + Number(minor) >= 1006 ? "1.6" : "1.5";
}

/** Value of a Go flag: `--name=value`, `--name value`, or `--name` alone (empty). The last one wins. */
function flag(args: readonly string[], name: string): string | undefined {
  const found = args.flatMap((arg, index) => {
    const [head = "", ...value] = arg.split("=");
    if (head !== `--${name}` && head !== `-${name}`) return [];
    if (value.length > 0) return [value.join("=")];
    const next = args[index + 1] ?? "";
    return [next.startsWith("-") ? "" : next];
  });
  return found.at(-1);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && ["", "1", "t", "T", "true", "True", "TRUE"].includes(value);
}

/** A Go duration such as `2m` or `1h30m0s` in milliseconds. */
function duration(value: string | undefined): number | undefined {
  if (value === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return undefined;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}
