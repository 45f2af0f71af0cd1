/** The files that a map names, as far as they can be looked at without using them: kubeconfigs, authorities, tokens. */

import { X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { readKubeconfig } from "../shared/adapters/kubeconfig-text.ts";
import { caPem } from "../shared/adapters/kubernetes/address.ts";
import { placeInMap } from "../shared/core/rotation-map.ts";
import type { MapProblem } from "../shared/core/rotation-map.ts";
import { readText } from "./read-text.ts";

interface Finding {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly mend: string;
}

/** `text` is the map's own. It may have other mistakes: what can be read of its clusters is looked at all the same. */
export async function checkNamedFiles(text: string, file: string): Promise<readonly MapProblem[]> {
  const folder = dirname(file);
  const found = await Promise.all(
    clustersOf(text).map(async (cluster, index) => {
      const findings = await checkCluster(cluster, folder);
      return findings.map((finding) => ({ ...finding, path: ["clusters", index, ...finding.path] }));
    }),
  );
  return found.flat().map(({ path, problem, mend }) => ({ file, ...placeInMap(text, path), problem, mend }));
}

const name = z.string().min(1).optional().catch(undefined);
const named = z
  .object({ file: z.string().min(1) })
  .optional()
  .catch(undefined);
const clusterShape = z
  .object({
    kubeconfig: name,
    context: name,
    certificateAuthority: z
      .union([z.string(), z.object({ file: z.string().min(1) })])
      .optional()
      .catch(undefined),
    token: named,
  })
  .catch({});
const mapShape = z.object({ clusters: z.array(clusterShape) });
type NamingCluster = z.infer<typeof clusterShape>;

function clustersOf(text: string): readonly NamingCluster[] {
  try {
    return mapShape.safeParse(parseYaml(text, { logLevel: "silent", maxAliasCount: 100 })).data?.clusters ?? [];
  } catch {
    // No YAML: the parser of maps says so.
    return [];
  }
}

async function checkCluster(
  { kubeconfig, context, certificateAuthority: authority, token }: NamingCluster,
  folder: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (kubeconfig !== undefined) findings.push(...(await checkKubeconfig(kubeconfig, context, folder)));
  if (typeof authority === "string") findings.push(...authorityProblems(authority, ["certificateAuthority"]));
  if (typeof authority === "object") {
    const path = ["certificateAuthority", "file"];
    const read = await readText(resolve(folder, authority.file), missing);
    if (read.ok) findings.push(...authorityProblems(read.text, path));
    else findings.push({ path, problem: read.problem.problem, mend: read.problem.mend });
  }
  if (token !== undefined) {
    const path = ["token", "file"];
    const read = await readText(resolve(folder, token.file), missing);
    if (!read.ok) findings.push({ path, problem: read.problem.problem, mend: read.problem.mend });
    else if (read.text.trim() === "")
      findings.push({ path, problem: "The file is empty.", mend: "Write the token into it." });
  }
  return findings;
}

const missing = "Paths are meant from the map's own folder.";

async function checkKubeconfig(file: string, context: string | undefined, folder: string): Promise<readonly Finding[]> {
  const read = await readText(resolve(folder, file), missing);
  if (!read.ok) return [{ path: ["kubeconfig"], problem: read.problem.problem, mend: read.problem.mend }];
  const facts = readKubeconfig(read.text, context);
  if (facts?.server === undefined) {
    const path = context === undefined ? ["kubeconfig"] : ["context"];
    return [
      {
        path,
        problem: "The kubeconfig has no such context, or no server for it.",
        mend: "See: kubectl config get-contexts.",
      },
    ];
  }
  if (facts.insecure) {
    return [
      {
        path: ["kubeconfig"],
        problem: "The kubeconfig skips TLS verification, which the bridge does not do.",
        mend: "Give it the cluster's certificate authority.",
      },
    ];
  }
  return [];
}

function authorityProblems(text: string, path: readonly string[]): readonly Finding[] {
  try {
    const certificate = new X509Certificate(caPem(text));
    if (Date.parse(certificate.validTo) >= Date.now()) return [];
    return [{ path, problem: "The certificate authority has expired.", mend: "Take the cluster's present one." }];
  } catch {
    return [{ path, problem: "Not a certificate.", mend: "Write PEM, or base64 of PEM as a kubeconfig has it." }];
  }
}
