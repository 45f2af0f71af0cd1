/** `rotation-bridge rbac`: the Kubernetes rights that the bridge needs in one cluster, and the cage around them. */

import { readFile } from "node:fs/promises";
import { rbacManifests } from "../shared/core/rbac-manifests.ts";
import { hasPatterns, neededRights } from "../shared/core/rbac-rules.ts";
import { mapProblemText, parseRotationMap } from "../shared/core/rotation-map.ts";
import type { MappedCluster, RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { readArguments } from "./arguments.ts";
import { cageFile, cageManifests, cageYaml } from "./cage.ts";
import { readClasses } from "./class-source.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { fileProblemsText } from "./file-problem.ts";
import { userProblem } from "./identity.ts";
import { shown } from "./output.ts";
import { rbacYaml } from "./rbac-text.ts";
import { readText } from "./read-text.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge rbac --object-id ID [options]

Prints the Kubernetes rights that the bridge needs in one cluster, bound to its identity; each rule says what it
is for. Read it, then: rotation-bridge rbac ... | kubectl apply -f -
Run it again when a class names a new Secret, when the map changes, and after an upgrade of the bridge.

  --object-id ID    the identity's object id (az identity show --query principalId); for a cluster without
                    Entra ID a service account, as system:serviceaccount:NAMESPACE:NAME
  --map FILE        the rotation map (default rotation-map.yaml)
  --cluster NAME    which cluster of the map, where it names several
  --cage            also the admission policy that keeps the identity to what the bridge does
                    (infra/cluster/admission-policy.yaml with the id filled in); before mode: act
  --namespaced      nothing outside the mapped namespaces; the map must name them without patterns, and say
                    what the driver is, because the bridge cannot read that then
  --json            the same objects as one JSON List

Where the classes are read, which name the Secrets:
  --classes PATH    a file or a folder: kubectl get secretproviderclasses -A -o yaml > classes.yaml
  --kubeconfig FILE, --context NAME    the cluster as kubectl reaches it
  otherwise the cluster as the map names it, with your own sign-in (az login)

Exit codes: 0 printed, 2 the arguments or a file must be mended.
`;

export const rbac: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, {
    texts: ["object-id", "map", "cluster", "classes", "kubeconfig", "context"],
    flags: ["cage", "namespaced", "json"],
    required: ["object-id"],
  });
  const user = given.texts.get("object-id") ?? "";
  const problems = given.texts.has("object-id")
    ? [...given.problems, ...userProblem("--object-id", user)]
    : given.problems;
  if (problems.length > 0) {
    terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help rbac\n`);
    return exitCodes.unusable;
  }
  const file = given.texts.get("map") ?? "rotation-map.yaml";
  const outside = given.flags.get("namespaced") !== true;
  const mapped = await mappedCluster(file, given.texts.get("cluster"), outside);
  if (!mapped.ok) return unusable(mapped.problem, terminal);
  const { map, cluster } = mapped;
  const read = await readClasses({
    map,
    mapFile: file,
    cluster,
    classes: given.texts.get("classes"),
    kubeconfig: given.texts.get("kubeconfig"),
    context: given.texts.get("context"),
  });
  if (!read.ok) return unusable(fileProblemsText(read.problems), terminal);

  const rights = neededRights(map, cluster, read.classes, { outside });
  const name = user.toLowerCase();
  const cage = given.flags.get("cage") === true ? await readFile(cageFile, "utf8") : undefined;
  if (given.flags.get("json") === true) {
    const items = [...(cage === undefined ? [] : cageManifests(cage, name)), ...rbacManifests(rights.roles, name)];
    terminal.out(`${JSON.stringify({ apiVersion: "v1", kind: "List", items }, undefined, 2)}\n`);
  } else {
    const title = `What Rotation Bridge needs in the cluster ${cluster.name}: rotation-bridge rbac.`;
    terminal.out(`${cage === undefined ? "" : `${cageYaml(cage, name)}---\n`}${rbacYaml(rights, name, title)}`);
  }
  for (const line of rights.left) terminal.err(`Left out: ${shown(line)}\n`);
  return exitCodes.done;
}

function unusable(problem: string, terminal: Terminal): number {
  terminal.err(problem);
  return exitCodes.unusable;
}

type Mapped =
  | { readonly ok: true; readonly map: RotationMap; readonly cluster: MappedCluster }
  | { readonly ok: false; readonly problem: string };

async function mappedCluster(file: string, wanted: string | undefined, outside: boolean): Promise<Mapped> {
  const read = await readText(file, "Name the rotation map with --map.");
  if (!read.ok) return { ok: false, problem: fileProblemsText([read.problem]) };
  const parsed = parseRotationMap(read.text, file);
  if (!parsed.ok) return { ok: false, problem: `${parsed.problems.map(mapProblemText).join("\n")}\n` };
  const { map } = parsed;
  const names = map.clusters.map(({ name }) => name).join(", ");
  const found = map.clusters.filter(({ name }) => name === (wanted ?? name));
  const [cluster] = found;
  if (cluster === undefined)
    return { ok: false, problem: `${file}: It has no cluster of that name. It has: ${names}.\n` };
  if (found.length > 1)
    return { ok: false, problem: `${file}: It names several clusters. Choose with --cluster: ${names}.\n` };
  if (!outside && hasPatterns(cluster))
    return {
      ok: false,
      problem: `${file}: --namespaced needs every namespace by name, without *: their classes cannot be found otherwise.\n`,
    };
  return { ok: true, map, cluster };
}
