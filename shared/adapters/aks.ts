/**
 * Where an AKS cluster's API server is: asked of Azure with the cluster's resource id. Only server and certificate
 * authority are taken from the answer; the bridge signs in with its own Entra ID token (kubernetes/token.ts).
 * Needs the role Azure Kubernetes Service Cluster User Role, which grants no Kubernetes permission by itself.
 */

import type { TokenCredential } from "@azure/identity";
import { RemoteProblem } from "../core/remote-problem.ts";
import type { RemoteProblemKind } from "../core/remote-problem.ts";
import { readKubeconfig } from "./kubeconfig-text.ts";

export interface AksOptions {
  /** `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`. */
  readonly resourceId: string;
  readonly credential: TokenCredential;
  /** Azure Resource Manager of another cloud, or a stand-in for it; always https. */
  readonly resourceManager?: string | undefined;
  /** Certificate authority of that stand-in, PEM. */
  readonly resourceManagerCa?: string | undefined;
  /** For the whole call. Default 20 s. */
  readonly timeoutMs?: number | undefined;
}

export interface ClusterEndpoint {
  readonly server: string;
  /** As in the kubeconfig: base64 of PEM. */
  readonly caData: string;
}

/**
 * Throws a RemoteProblem: as Azure answered, or `rejected` where the user kubeconfig holds a client certificate or a
 * token. A cluster without Entra ID hands out administrator's credentials in it (docs/facts.md), which the bridge never uses.
 */
export async function aksConnection(options: AksOptions): Promise<ClusterEndpoint> {
  const { subscription, group, name } = parts(options.resourceId);
  const what = `read the address of AKS cluster ${name}`;
  const text = await userKubeconfig(options, { subscription, group, name }).catch((error: unknown) => {
    throw armProblem(error, what);
  });
  const config = text === undefined ? undefined : readKubeconfig(text);
  if (config?.server === undefined || config.caData === undefined) {
    throw new RemoteProblem("rejected", `Could not ${what}: Azure's answer holds no server and authority.`);
  }
  if (config.user.hasCertificate || config.user.hasToken) {
    throw new RemoteProblem(
      "rejected",
      `AKS cluster ${name} is not joined to Entra ID: its user kubeconfig holds fixed administrator's credentials, ` +
        "which the bridge does not use. Turn on Entra ID for the cluster, or give server and caData in the map.",
    );
  }
  return { server: config.server, caData: config.caData };
}

interface AksName {
  readonly subscription: string;
  readonly group: string;
  readonly name: string;
}

function parts(resourceId: string): AksName {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)$/i.exec(
      resourceId,
    );
  const [, subscription, group, name] = match ?? [];
  if (subscription === undefined || group === undefined || name === undefined) {
    throw new Error("The AKS resource id can't be read. Copy it from `az aks show --query id`.");
  }
  return { subscription, group, name };
}

async function userKubeconfig(
  options: AksOptions,
  { subscription, group, name }: AksName,
): Promise<string | undefined> {
  const { ContainerServiceClient } = await import("@azure/arm-containerservice");
  const client = new ContainerServiceClient(options.credential, subscription, {
    ...(options.resourceManager === undefined ? {} : { endpoint: options.resourceManager }),
    ...(options.resourceManagerCa === undefined ? {} : { tlsOptions: { ca: options.resourceManagerCa } }),
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2000 },
  });
  const abortSignal = AbortSignal.timeout(options.timeoutMs ?? 20_000);
  const { kubeconfigs } = await client.managedClusters.listClusterUserCredentials(group, name, {
    format: "exec",
    abortSignal,
  });
  const value = kubeconfigs?.[0]?.value;
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

/** Nothing of the SDK's error goes on: its message holds ids and the answer's text. */
function armProblem(error: unknown, what: string): RemoteProblem {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  const name = error instanceof Error ? error.name : "";
  if (typeof status !== "number") {
    if (name === "AbortError" || name === "TimeoutError") {
      return new RemoteProblem("timeout", `Could not ${what}: Azure did not answer in time.`);
    }
    // CredentialUnavailableError says nothing of why: see kubernetes/token.ts.
    const signIn = name.endsWith("AuthenticationError");
    return signIn
      ? new RemoteProblem("unauthorized", `Could not ${what}: Entra ID gave no token.`)
      : new RemoteProblem("unavailable", `Could not ${what}: Azure could not be reached.`);
  }
  const kind = statusKinds.get(status) ?? (status >= 500 ? "unavailable" : "rejected");
  return new RemoteProblem(kind, `Could not ${what}: Azure answered ${status}.`, status);
}

const statusKinds = new Map<number, RemoteProblemKind>([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "not-found"],
  [408, "timeout"],
  [429, "throttled"],
]);
