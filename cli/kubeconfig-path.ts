/** Which kubeconfig kubectl would take, and its context. */

import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** `--kubeconfig`, else the first file of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigPath(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (given !== undefined) return given;
  const first = (env["KUBECONFIG"] ?? "").split(delimiter).find((path) => path !== "");
  return first ?? join(homedir(), ".kube", "config");
}
