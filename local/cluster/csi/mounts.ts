/** What the provider has written to the pods' volumes on one node. */

import { fetchKey, neededLists, neededObjects } from "../../../shared/core/rendering/needed-objects.ts";
import type { ProviderSettings } from "../../../shared/core/rendering/provider-settings.ts";
import type { Mounted } from "../../../shared/core/rendering/render.ts";
import { objectKey } from "../../../shared/core/vault-object.ts";
import type { VaultAnswer, VersionListAnswer } from "../../../shared/core/vault-object.ts";
import type { Vault } from "../../../shared/ports.ts";
import { objectAt, textAt, without } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { nameOf, namespaceOf } from "../objects.ts";
import { once } from "../once.ts";
import { providerClassOf } from "../provider-classes.ts";
import { MountError } from "./mount-error.ts";
import { renderAgain } from "./render-again.ts";

/** The vault as the provider reads it: what is current, or that version; for history all versions. */
export type VaultRead = Pick<Vault, "current" | "versions">;

/** One mounted volume of one pod. */
export interface Mount {
  readonly podUid: string;
  readonly namespace: string;
  readonly podName: string;
  readonly className: string;
  readonly volume: string;
  readonly attributes: JsonObject;
  files: Mounted["files"];
  versions: Mounted["versions"];
  /** When the content last changed: the mount root's mtime. */
  changedAt: number;
}

/**
 * Fetches and renders every object of the class; any failure throws a MountError, as a mount is all or nothing. The
 * volume's attributes lie over the class's parameters (the driver's nodeserver.go).
 */
export async function fetchFiles(
  providerClass: JsonObject,
  attributes: JsonObject,
  vault: VaultRead,
  settings: ProviderSettings,
): Promise<Mounted> {
  const { content } = providerClassOf(overridden(providerClass)(attributes));
  const lists = new Map<string, VersionListAnswer>();
  for (const object of neededLists(content)) lists.set(objectKey(object), await vault.versions(object));
  const answers = new Map<string, VaultAnswer>();
  for (const { object, pin } of neededObjects(content, lists)) {
    answers.set(fetchKey(object, pin), await vault.current(object, pin));
  }
  const rendered = renderAgain(content, answers, settings, lists);
  if (rendered.ok) return rendered;
  const where = `${namespaceOf(providerClass)}/${nameOf(providerClass)}`;
  throw new MountError(
    `rpc error: failed to mount secrets store objects for class ${where}: failed to mount objects, error: ${rendered.error.message}`,
  );
}

/** The class as a volume with these attributes sees it. */
const overridden = once((providerClass: JsonObject) =>
  once((attributes: JsonObject): JsonObject => {
    const others = without(attributes, "secretProviderClass");
    if (Object.keys(others).length === 0) return providerClass;
    const spec = objectAt(providerClass, "spec");
    return { ...providerClass, spec: { ...spec, parameters: { ...objectAt(spec, "parameters"), ...others } } };
  }),
);

/** `.../pods/<uid>/volumes/kubernetes.io~csi/<volume>/mount`. */
export function targetPath(mount: Mount): string {
  return `/var/lib/kubelet/pods/${mount.podUid}/volumes/kubernetes.io~csi/${mount.volume}/mount`;
}

/** `<pod>-<namespace>-<class>`: neither cut nor hashed. */
export function statusName(mount: Mount): string {
  return `${mount.podName}-${mount.namespace}-${mount.className}`;
}

/** Lays new content over a mount. Same bytes leave the files, and with them the time of the last change. */
export function refill(mount: Mount, { files, versions }: Mounted, now: number): void {
  if (mount.files !== files && !sameContent(mount.files, files)) mount.changedAt = now;
  mount.files = files;
  mount.versions = versions;
}

function sameContent(a: Mounted["files"], b: Mounted["files"]): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([path, { content }]) => b.get(path)?.content.equals(content) === true);
}

export function podUidOf(path: string): string {
  return /\/pods\/([^/]+)\/volumes\//.exec(path)?.[1] ?? "";
}

/** What a pod status says of its mount; looks, polls and the owner patcher ask for it over and over. */
export const statusOf = once((podStatus: JsonObject) => ({
  pod: textAt(podStatus, "status", "podName"),
  providerClass: textAt(podStatus, "status", "secretProviderClassName"),
  podUid: podUidOf(textAt(podStatus, "status", "targetPath")),
}));
