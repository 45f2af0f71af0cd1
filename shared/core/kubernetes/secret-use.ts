/**
 * What a pod spec mounts and reads. All container lists count: `containers`, `initContainers` (sidecars are init
 * containers with restartPolicy Always) and `ephemeralContainers`.
 * A volume that no container mounts does not count: the kubelet skips it (desiredStateOfWorldPopulator).
 */

import type { ClassMount, SecretRead, SecretUse } from "../observed.ts";
import { csiDriverName } from "./names.ts";
import { entries, field, list, text } from "./read.ts";

/** `spec` of a pod or of a pod template. The same read by several containers is listed once. */
export function secretUse(spec: unknown): SecretUse {
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((name) => list(field(spec, name)));
  const mounts = containers.flatMap((container) => list(field(container, "volumeMounts")));
  const volumes = list(field(spec, "volumes")).map((volume) => ({
    volume,
    uses: mounts.filter((mount) => text(field(mount, "name")) === text(field(volume, "name"))),
  }));
  return {
    mounts: volumes.filter(({ uses }) => uses.length > 0).flatMap(({ volume }) => classMount(volume)),
    reads: distinct([
      ...containers.flatMap(envReads),
      ...volumes.flatMap(({ volume, uses }) => uses.flatMap((mount) => volumeReads(volume, mount))),
    ]),
  };
}

function classMount(volume: unknown): readonly ClassMount[] {
  if (field(volume, "csi", "driver") !== csiDriverName) return [];
  const attributes = field(volume, "csi", "volumeAttributes");
  return [
    {
      className: text(field(attributes, "secretProviderClass")) ?? "",
      otherAttributes: entries(attributes)
        .map(([name]) => name)
        .filter((name) => name !== "secretProviderClass")
        .sort(),
    },
  ];
}

function envReads(container: unknown): readonly SecretRead[] {
  const ones = list(field(container, "env")).map((env) => field(env, "valueFrom", "secretKeyRef"));
  const all = list(field(container, "envFrom")).map((from) => field(from, "secretRef"));
  return [
    ...ones.flatMap((ref) => read(text(field(ref, "name")), text(field(ref, "key")), "env", ref)),
    ...all.flatMap((ref) => read(text(field(ref, "name")), undefined, "env", ref)),
  ];
}

/** A Secret volume and the Secret sources of a projected volume, as one container mounts them. */
function volumeReads(volume: unknown, mount: unknown): readonly SecretRead[] {
  const whole = field(volume, "secret");
  const projected = list(field(volume, "projected", "sources")).map((source) => field(source, "secret"));
  const subPath = text(field(mount, "subPath")) ?? "";
  const by = subPath !== "" || (text(field(mount, "subPathExpr")) ?? "") !== "" ? "subPath" : "volume";
  return [
    ...keysOf(whole, subPath).flatMap((key) => read(text(field(whole, "secretName")), key, by, whole)),
    ...projected.flatMap((source) =>
      keysOf(source, subPath).flatMap((key) => read(text(field(source, "name")), key, by, source)),
    ),
  ];
}

/** Keys that a mount shows: the items (all of the Secret without any), of these only what `subPath` picks. */
function keysOf(source: unknown, subPath: string): readonly (string | undefined)[] {
  const items = list(field(source, "items")).map((item) => ({
    key: text(field(item, "key")),
    path: text(field(item, "path")) ?? "",
  }));
  if (items.length === 0) return [subPath === "" || subPath.includes("/") ? undefined : subPath];
  const picked = items.filter(({ path }) => subPath === "" || path === subPath || path.startsWith(`${subPath}/`));
  return picked.map(({ key }) => key);
}

function read(
  secret: string | undefined,
  key: string | undefined,
  by: SecretRead["by"],
  source: unknown,
): readonly SecretRead[] {
  if (secret === undefined || secret === "") return [];
  return [{ secret, key, by, optional: field(source, "optional") === true }];
}

function distinct(reads: readonly SecretRead[]): readonly SecretRead[] {
  const seen = new Map(
    reads.map((one) => [JSON.stringify([one.secret, one.key ?? null, one.by, one.optional]), one] as const),
  );
  return [...seen.values()];
}
