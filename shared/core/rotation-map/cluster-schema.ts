/** The schema of one entry of `clusters`. */

import * as z from "zod";
import type { Driver } from "../observed.ts";
import { defaultFlags } from "../rendering/provider-settings.ts";
import type { ProviderFlags } from "../rendering/provider-settings.ts";
import type { ClusterAccess, MappedCluster } from "./map-types.ts";
import { accessSentence } from "./check-clusters.ts";
import { sentence } from "./sentence.ts";
import { clientId, clusterName, duration, file, namespaceGlobs } from "./words.ts";

/** The audience of every AKS API server: the fixed id of Microsoft's AKS server application. */
const aksScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

export const modeSchema = z.enum(["observe", "act"]);

const driver = z
  .strictObject({
    generation: z
      .union([z.enum(["1.5", "1.6"]), z.literal(1.5), z.literal(1.6)], {
        error: sentence("Not a generation of the driver.", 'Write "1.5" or "1.6".'),
      })
      .optional()
      .describe("Generation of the Secrets Store CSI driver."),
    rotation: z
      .union([z.enum(["on", "off"]), z.boolean()], {
        error: sentence("Neither on nor off.", "Write on or off."),
      })
      .optional()
      .describe("Whether the driver's own rotation is enabled."),
    pollInterval: duration.optional().describe("The driver's rotation poll interval."),
  })
  .transform(({ generation, rotation, pollInterval }): Partial<Driver> => {
    const on = rotation === true || rotation === "on";
    return {
      ...(generation === undefined ? {} : { generation: Number(generation) === 1.5 ? "1.5" : "1.6" }),
      ...(rotation === undefined ? {} : { rotation: on ? "on" : "off" }),
      ...(pollInterval === undefined ? {} : { pollIntervalMs: pollInterval }),
    };
  });

const flag = z.boolean(sentence("Neither true nor false.", "Write true or false, without quotes."));

const provider = z
  .strictObject({
    constructPEMChain: flag
      .optional()
      .describe("The provider's --construct-pem-chain: certificates of a PFX from leaf to root. true by default."),
    writeCertAndKeyInSeparateFiles: flag
      .optional()
      .describe("The provider's --write-cert-and-key-in-separate-files: .crt and .key too. false by default."),
  })
  .transform(({ constructPEMChain, writeCertAndKeyInSeparateFiles }): ProviderFlags => ({
    constructPemChain: constructPEMChain ?? defaultFlags.constructPemChain,
    separateFiles: writeCertAndKeyInSeparateFiles ?? defaultFlags.separateFiles,
  }));

const certificateAuthority = z.union([z.string().min(1).max(65_536), z.strictObject({ file })], {
  error: sentence("Not a certificate.", "Write PEM text, the base64 of it, or file: with a path."),
});

const token = z.union([z.strictObject({ entra: z.string().regex(/^\S{1,512}$/) }), z.strictObject({ file })], {
  error: sentence("Not a source of a token.", "Write entra: with a scope, or file: with a path."),
});

export const clusterSchema = z
  .strictObject({
    name: clusterName.describe("What the map, logs and messages call the cluster."),
    aks: z
      .string()
      .regex(
        /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/\s]{1,90}\/providers\/Microsoft\.ContainerService\/managedClusters\/[\w-]{1,63}$/i,
        sentence(
          "Not the ARM id of an AKS cluster.",
          "Write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>.",
        ),
      )
      .optional()
      .describe("ARM id of an AKS cluster: its address and certificate are asked from Azure."),
    server: z.string().optional().describe("URL of the API server, instead of `aks`."),
    certificateAuthority: certificateAuthority.optional().describe("Of the `server`: PEM text, its base64, or a file."),
    token: token.optional().describe("How to sign in to the `server`. By default an Entra token for AKS."),
    kubeconfig: file.optional().describe("A kubeconfig file, for local use."),
    context: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe("The context of the `kubeconfig`; its current one by default."),
    identity: clientId.optional().describe("Client id of the managed identity that signs in to this cluster."),
    namespaces: namespaceGlobs.default(["*"]).describe("Patterns of the namespaces that are looked at."),
    mode: modeSchema.optional().describe("For this cluster; the map's own by default."),
    modes: z
      .array(z.strictObject({ namespaces: namespaceGlobs, mode: modeSchema }))
      .default([])
      .describe("For some namespaces; the first entry that matches wins over `mode`."),
    withoutCage: flag
      .optional()
      .describe(
        "true: act in this cluster although no cage (admission policy) stands there. The map's own by default.",
      ),
    driver: driver.optional().describe("Facts about the driver that the bridge cannot read or should not trust."),
    provider: provider.optional().describe("Flags of the cluster's Azure provider that change what it mounts."),
  })
  .transform((raw, context): MappedCluster => {
    const access = readAccess(raw);
    if (access === undefined) {
      context.addIssue({ code: "custom", message: accessSentence });
      return z.NEVER;
    }
    const { name, identity, namespaces, mode, modes, withoutCage } = raw;
    return {
      name,
      access,
      identity,
      namespaces,
      mode,
      modes,
      withoutCage,
      driver: raw.driver ?? {},
      provider: raw.provider ?? defaultFlags,
    };
  });

interface RawAccess {
  readonly aks?: string | undefined;
  readonly server?: string | undefined;
  readonly certificateAuthority?: z.output<typeof certificateAuthority> | undefined;
  readonly token?: z.output<typeof token> | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

function readAccess(raw: RawAccess): ClusterAccess | undefined {
  if (raw.aks !== undefined) return { kind: "aks", resourceId: raw.aks };
  if (raw.kubeconfig !== undefined) return { kind: "kubeconfig", file: raw.kubeconfig, context: raw.context };
  if (raw.server === undefined) return undefined;
  const { certificateAuthority: authority, token: source = { entra: aksScope } } = raw;
  return {
    kind: "server",
    server: raw.server,
    certificateAuthority:
      authority === undefined
        ? undefined
        : typeof authority === "string"
          ? { kind: "pem", pem: pemText(authority) }
          : { kind: "file", file: authority.file },
    token: "file" in source ? { kind: "file", file: source.file } : { kind: "entra", scope: source.entra },
  };
}

/** Kubeconfigs hold the base64 of PEM text; people paste either. What is neither is left for the TLS client to refuse. */
function pemText(text: string): string {
  if (text.includes("-----BEGIN")) return text;
  try {
    return atob(text.trim());
  } catch {
    return text;
  }
}
