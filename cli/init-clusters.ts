/** Which clusters `init` reads, how it reaches them, and how the map will say so. */

import { resolve } from "node:path";
import { readKubeconfig } from "../shared/adapters/kubeconfig-text.ts";
import { isLoopback } from "../shared/core/endpoint.ts";
import { clusterNamePattern } from "../shared/core/names.ts";
import type { ClusterAccess } from "../shared/core/rotation-map/map-types.ts";
import type { FileProblem } from "./file-problem.ts";
import { kubeconfigPath } from "./kubeconfig-path.ts";
import { readText } from "./read-text.ts";

export interface InitCluster {
  readonly name: string;
  /** How it is reached from here. */
  readonly access: ClusterAccess;
  /** How the map says it: keys of its entry, and a comment above them. */
  readonly written: Readonly<Record<string, string>>;
  readonly comment?: string;
}

export type InitClusters =
  | { readonly ok: true; readonly clusters: readonly InitCluster[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

export interface WantedClusters {
  /** ARM ids. */
  readonly ids: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

export async function clustersToRead({ ids, kubeconfig, context }: WantedClusters): Promise<InitClusters> {
  return ids === undefined ? fromKubeconfig(kubeconfigPath(kubeconfig), context) : fromIds(ids);
}

const armId =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/\s]{1,90}\/providers\/Microsoft\.ContainerService\/managedClusters\/([\w-]{1,63})$/i;

function fromIds(text: string): InitClusters {
  const ids = [...new Set(text.split(/[\s,]+/).filter((id) => id !== ""))];
  const wrong = ids.filter((id) => !armId.test(id));
  if (ids.length === 0 || wrong.length > 0) {
    const mend = "Take it from: az aks show --resource-group GROUP --name NAME --query id --output tsv.";
    return {
      ok: false,
      problems: [{ file: "--cluster", path: "", problem: "Not the ARM id of an AKS cluster.", mend }],
    };
  }
  const taken = new Set<string>();
  const clusters = ids.map((id): InitCluster => {
    const name = free(armId.exec(id)?.[1] ?? "aks", taken);
    return { name, access: { kind: "aks", resourceId: id }, written: { aks: id } };
  });
  return { ok: true, clusters };
}

async function fromKubeconfig(file: string, context: string | undefined): Promise<InitClusters> {
  const mend =
    'Name the clusters instead: --cluster "$(az aks show --resource-group GROUP --name NAME --query id --output tsv)".';
  const problem = (what: string, how: string = mend): InitClusters => ({
    ok: false,
    problems: [{ file, path: "", problem: what, mend: how }],
  });
  const read = await readText(file, mend);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  const facts = readKubeconfig(read.text, context);
  if (facts?.server === undefined) {
    return problem(
      context === undefined
        ? "It is no kubeconfig, or has no current context."
        : "It has no such context, or no server for it.",
      "See: kubectl config get-contexts. Choose one with --context.",
    );
  }
  const path = resolve(file);
  const access: ClusterAccess = { kind: "kubeconfig", file: path, context: facts.context };
  const host = URL.parse(facts.server)?.hostname ?? "";
  const name = free(facts.context, new Set());
  const inCloud = !isLoopback(host) && (facts.user.hasPlugin || aksHost.test(host));
  if (inCloud && facts.caData !== undefined) {
    return {
      ok: true,
      clusters: [
        {
          name,
          access,
          written: { server: facts.server, certificateAuthority: facts.caData },
          comment:
            "From the kubeconfig. An AKS cluster is better named by its ARM id, which survives a new address: aks: /subscriptions/...",
        },
      ],
    };
  }
  return {
    ok: true,
    clusters: [
      {
        name,
        access,
        written: { kubeconfig: path, context: facts.context },
        comment: "For local use: the app in Azure has no kubeconfig. Give it aks, or server and certificateAuthority.",
      },
    ],
  };
}

/** API servers of AKS in the public cloud, in China and for the US government. */
const aksHost = /\.(azmk8s\.io|azk8s\.cn|containerservice\.azure\.us)$/i;

/** A name that the map allows and that nobody has yet. */
function free(text: string, taken: Set<string>): string {
  const plain = text
    .replaceAll(/[^0-9a-zA-Z._-]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^[^0-9a-zA-Z]+|[^0-9a-zA-Z]+$/g, "");
  const base = clusterNamePattern.test(plain) ? plain : "cluster";
  let name = base;
  for (let next = 2; taken.has(name); next += 1) name = `${base}-${next}`;
  taken.add(name);
  return name;
}
