/** What the bridge takes from a kubeconfig's text: the current context's cluster, and what its user signs in with. */

import { parse } from "yaml";
import { z } from "zod";

export interface KubeconfigFacts {
  /** The context that was chosen. */
  readonly context: string;
  readonly server: string | undefined;
  /** Base64 of PEM. */
  readonly caData: string | undefined;
  readonly caFile: string | undefined;
  readonly insecure: boolean;
  readonly user: KubeconfigUser;
}

export interface KubeconfigUser {
  readonly hasCertificate: boolean;
  readonly hasToken: boolean;
  /** Signs in by running a program, or by a client's built-in plug-in. */
  readonly hasPlugin: boolean;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly certificateData: string | undefined;
  readonly certificateFile: string | undefined;
  readonly keyData: string | undefined;
  readonly keyFile: string | undefined;
}

/**
 * Reads the context `context` (default: the current one, else the first). Undefined where the text is no kubeconfig
 * or has no such context. Never throws; nothing of the text is kept in an error.
 */
export function readKubeconfig(text: string, context?: string): KubeconfigFacts | undefined {
  const config = kubeconfigSchema.safeParse(parsed(text));
  if (!config.success) return undefined;
  const { contexts, clusters, users } = config.data;
  const wanted = context ?? config.data["current-context"];
  const chosen = wanted === undefined || wanted === "" ? contexts[0] : contexts.find(({ name }) => name === wanted);
  if (chosen === undefined) return undefined;
  const cluster = clusters.find(({ name }) => name === chosen.context.cluster)?.cluster;
  const user = users.find(({ name }) => name === chosen.context.user)?.user;
  return {
    context: chosen.name,
    server: cluster?.server,
    caData: cluster?.["certificate-authority-data"],
    caFile: cluster?.["certificate-authority"],
    insecure: cluster?.["insecure-skip-tls-verify"] === true,
    user: {
      hasCertificate: (user?.["client-certificate-data"] ?? user?.["client-certificate"]) !== undefined,
      hasToken: (user?.token ?? user?.tokenFile ?? user?.password) !== undefined,
      hasPlugin: (user?.exec ?? user?.["auth-provider"]) !== undefined,
      token: user?.token,
      tokenFile: user?.tokenFile,
      certificateData: user?.["client-certificate-data"],
      certificateFile: user?.["client-certificate"],
      keyData: user?.["client-key-data"],
      keyFile: user?.["client-key"],
    },
  };
}

/** The fields of a v1 Config; others are dropped. kubectl writes absent lists as null. */
const kubeconfigSchema = z.object({
  "current-context": z.string().optional(),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string().default("") }) }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.string().optional(),
        "certificate-authority-data": z.string().optional(),
        "certificate-authority": z.string().optional(),
        "insecure-skip-tls-verify": z.boolean().optional(),
      }),
    }),
  ),
  users: z
    .array(
      z.object({
        name: z.string(),
        user: z
          .object({
            token: z.string().optional(),
            tokenFile: z.string().optional(),
            password: z.string().optional(),
            "client-certificate-data": z.string().optional(),
            "client-certificate": z.string().optional(),
            "client-key-data": z.string().optional(),
            "client-key": z.string().optional(),
            exec: z.unknown().optional(),
            "auth-provider": z.unknown().optional(),
          })
          .nullish(),
      }),
    )
    .nullish()
    .transform((users) => users ?? []),
});

function parsed(text: string): unknown {
  try {
    const value: unknown = parse(text, { logLevel: "silent" });
    return value;
  } catch {
    return undefined;
  }
}
