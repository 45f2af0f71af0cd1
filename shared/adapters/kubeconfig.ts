/**
 * A cluster from a kubeconfig file: for the CLI and for local runs. Client certificates are allowed here, because
 * local clusters (kind, minikube) give nothing else; in Azure the bridge signs in with Entra ID tokens only.
 */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readKubeconfig } from "./kubeconfig-text.ts";
import type { KubeconfigUser } from "./kubeconfig-text.ts";
import type { KubernetesAddress } from "./kubernetes/address.ts";
import { fileToken, fixedToken } from "./kubernetes/token.ts";
import type { TokenSource } from "./kubernetes/token.ts";

export interface KubeconfigConnection extends KubernetesAddress {
  readonly token: TokenSource | undefined;
}

/**
 * `context`: default the file's current one. Paths in the file are relative to it, as for kubectl. Throws an Error for
 * a person: file unreadable, no such context, `insecure-skip-tls-verify`, or a user that signs in by a program.
 */
export async function kubeconfigConnection(path: string, context?: string): Promise<KubeconfigConnection> {
  const config = readKubeconfig(await textOf(path), context);
  if (config?.server === undefined) throw new Error("The kubeconfig has no such context, or no server for it.");
  if (config.insecure) throw new Error("The kubeconfig skips TLS verification, which the bridge does not do.");
  const { user } = config;
  if (user.hasPlugin && !user.hasToken && !user.hasCertificate) {
    throw new Error(
      "The kubeconfig signs in with a program or plug-in, which the bridge does not run. " +
        "Name the AKS cluster by its resource id in the map, or use a kubeconfig with a token or certificate.",
    );
  }
  const near = (file: string): string => resolve(dirname(path), file);
  return {
    server: config.server,
    caData: config.caData ?? (config.caFile === undefined ? undefined : await textOf(near(config.caFile))),
    clientCertificate: await certificateOf(user, near),
    token: tokenOf(user, near),
  };
}

function tokenOf(user: KubeconfigUser, near: (file: string) => string): TokenSource | undefined {
  if (user.token !== undefined) return fixedToken(user.token);
  return user.tokenFile === undefined ? undefined : fileToken(near(user.tokenFile));
}

async function certificateOf(
  user: KubeconfigUser,
  near: (file: string) => string,
): Promise<KubernetesAddress["clientCertificate"]> {
  const certificate = await dataOrFile(user.certificateData, user.certificateFile, near);
  const key = await dataOrFile(user.keyData, user.keyFile, near);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

async function dataOrFile(
  data: string | undefined,
  file: string | undefined,
  near: (file: string) => string,
): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  return file === undefined ? undefined : textOf(near(file));
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    throw new Error("The kubeconfig, or a file that it names, can't be read.");
  }
}
