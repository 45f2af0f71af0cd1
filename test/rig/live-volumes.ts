/** What a running pod sees in a volume now; records only tell what its containers started with. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rig } from "./rig.ts";

/** Content of each file of a CSI or Secret volume of a pod, by name. Folders are left out. */
export async function filesNow(
  rig: Pick<Rig, "folder">,
  pod: { readonly node: string; readonly podUid: string },
  volume: string,
): Promise<Readonly<Record<string, string>>> {
  const kubelet = join(rig.folder, pod.node, "kubelet");
  // Mounts are in the rig's own mount namespace, so they are seen through the eyes of a process in it.
  const eyes = await processWith(`--root=${kubelet}`);
  const volumes = join(`/proc/${eyes}/root${kubelet}`, "pods", pod.podUid, "volumes");
  const folder = volume.startsWith("secret-")
    ? join(volumes, "kubernetes.io~secret", volume)
    : join(volumes, "kubernetes.io~csi", volume, "mount");
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".."));
  const files = names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function processWith(argument: string): Promise<string> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.split("\0").includes(argument)) return pid;
  }
  throw new Error(`No process runs with ${argument}.`);
}
