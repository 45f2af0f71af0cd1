/** Where a command takes the classes of a cluster from: files, a kubeconfig, or the cluster as the map names it. */

import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemsFromMap } from "../shared/adapters/from-map.ts";
import { createKubernetesCluster } from "../shared/adapters/kubernetes/cluster.ts";
import { userKubeconfigConnection } from "../shared/adapters/user-kubeconfig.ts";
import { hasPatterns } from "../shared/core/rbac-rules.ts";
import type { MappedCluster, RotationMap } from "../shared/core/rotation-map/map-types.ts";
import type { Clock } from "../shared/ports.ts";
import { readClassesFile } from "./class-file.ts";
import type { ClassesAnswer } from "./class-file.ts";
import { clusterProblem } from "./cluster-problem.ts";
import { readText } from "./read-text.ts";

export interface ClassSourceOptions {
  readonly map: RotationMap;
  readonly mapFile: string;
  readonly cluster: MappedCluster;
  /** A file or a folder of manifests. */
  readonly classes: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** Files first, then the kubeconfig, then the map's own address with the caller's sign-in. */
export async function readClasses(options: ClassSourceOptions): Promise<ClassesAnswer> {
  if (options.classes !== undefined) return fromFiles(options.classes);
  try {
    return { ok: true, classes: await fromCluster(options) };
  } catch (error) {
    const mend =
      "Or write them to a file: kubectl get secretproviderclasses -A -o yaml > FILE, and give --classes FILE.";
    return { ok: false, problems: [clusterProblem(options.cluster.name, error, mend)] };
  }
}

async function fromFiles(path: string): Promise<ClassesAnswer> {
  const files = await filesIn(path);
  const answers = await Promise.all(
    files.map(async (file): Promise<ClassesAnswer> => {
      const read = await readText(file, "Name a file or a folder that holds the classes.");
      return read.ok ? readClassesFile(read.text, file) : { ok: false, problems: [read.problem] };
    }),
  );
  const problems = answers.flatMap((answer) => (answer.ok ? [] : answer.problems));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, classes: answers.flatMap((answer) => (answer.ok ? answer.classes : [])) };
}

async function filesIn(path: string): Promise<readonly string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [path];
  const names = await readdir(path);
  return names.filter((name) => /\.(ya?ml|json)$/.test(name)).map((name) => join(path, name));
}

async function fromCluster({ map, mapFile, cluster, kubeconfig, context }: ClassSourceOptions) {
  if (kubeconfig !== undefined) {
    const connection = await userKubeconfigConnection(kubeconfig, context);
    const indexNamespaces = hasPatterns(cluster) ? undefined : cluster.namespaces;
    const opened = createKubernetesCluster({ ...connection, clock, indexNamespaces });
    try {
      return await opened.index();
    } finally {
      await opened.close();
    }
  }
  const folder = dirname(mapFile);
  const { clusters } = systemsFromMap({ map, folder, clientId: undefined, clock, log: silent });
  return (await clusters.get(cluster.name)?.index()) ?? [];
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  id: () => crypto.randomUUID(),
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };
