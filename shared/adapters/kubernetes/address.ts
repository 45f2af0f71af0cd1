/** Where a cluster's API server is and how it is recognised. */

import { serverUrlProblem } from "../../core/endpoint.ts";

export interface KubernetesAddress {
  /** `https://host[:port][/path]`; plain http for a stand-in on a loopback host only. */
  readonly server: string;
  /** The cluster's certificate authority: PEM, or the base64 of it as in a kubeconfig. Absent: the system's. */
  readonly caData?: string | undefined;
  /** For local use with a kubeconfig; in Azure the bridge signs in with tokens only. PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined;
}

/** The server's URL without a slash at its end. Throws an Error that names the rule, never the address. */
export function checkedServer(server: string): string {
  const found = serverUrlProblem(server);
  if (found !== undefined) throw new Error(`The API server's address: ${found.problem} ${found.mend}`);
  return server.trim().replace(/\/+$/, "");
}

/** The PEM text of `caData`. Throws where it is neither PEM nor base64 of it. */
export function caPem(caData: string): string {
  const text = caData.includes("-----BEGIN") ? caData : Buffer.from(caData, "base64").toString("utf8");
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error("The cluster's certificate authority must be PEM, or base64 of PEM.");
  }
  return text;
}
