/**
 * A cluster from a person's own kubeconfig, signed in as kubectl would sign in: programs (`exec`, as kubelogin) and the
 * client's plug-ins too. For the CLI only: the app runs no programs.
 */

import { RemoteProblem } from "../core/remote-problem.ts";
import { kubeconfigConnection } from "./kubeconfig.ts";
import type { KubeconfigConnection } from "./kubeconfig.ts";
import { readKubeconfig } from "./kubeconfig-text.ts";
import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { TokenSource } from "./kubernetes/token.ts";

/** As {@link kubeconfigConnection}. A program runs when the first token is needed. */
export async function userKubeconfigConnection(path: string, context?: string): Promise<KubeconfigConnection> {
  const text = await readFile(path, "utf8").catch(() => "");
  const facts = readKubeconfig(text, context);
  const { hasPlugin = false, hasToken = false, hasCertificate = false } = facts?.user ?? {};
  if (facts === undefined || !hasPlugin || hasToken || hasCertificate) return kubeconfigConnection(path, context);
  if (facts.server === undefined) throw new Error("The kubeconfig names no server for this context.");
  if (facts.insecure) throw new Error("The kubeconfig skips TLS verification, which the bridge does not do.");
  const { KubeConfig } = await import("@kubernetes/client-node");
  const load = () => {
    const config = new KubeConfig();
    config.loadFromFile(path);
    if (context !== undefined) config.setCurrentContext(context);
    return config;
  };
  let config = load();
  const certificateAuthority = config.getCurrentCluster()?.caFile;
  const token: TokenSource = async (rejected) => {
    // It keeps what its program said; a new one asks again.
    if (rejected !== undefined) config = load();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options).catch(() => {
      throw signInProblem();
    });
    const bearer = bearerOf(options.headers);
    if (bearer === undefined) throw signInProblem();
    return bearer;
  };
  return {
    server: facts.server,
    caData:
      facts.caData ?? (certificateAuthority === undefined ? undefined : await readFile(certificateAuthority, "utf8")),
    token,
  };
}

function bearerOf(headers: RequestOptions["headers"]): string | undefined {
  const value = headers !== undefined && "Authorization" in headers ? headers["Authorization"] : undefined;
  return typeof value === "string" ? /^Bearer (.+)$/.exec(value)?.[1] : undefined;
}

/** What the program printed may hold anything. */
function signInProblem(): RemoteProblem {
  return new RemoteProblem(
    "unauthorized",
    "The program that the kubeconfig signs in with gave no token. Try `kubectl get namespaces` with the same context first.",
  );
}
