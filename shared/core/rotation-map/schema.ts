/** The schema of rotation-map.yaml: the one source of parsing, of defaults, and of the editors' JSON Schema. */

import * as z from "zod";
import { defaultTimeouts } from "../policy.ts";
import { clusterSchema, modeSchema } from "./cluster-schema.ts";
import type { MapPolicy, MappedVault } from "./map-types.ts";
import { sentence } from "./sentence.ts";
import {
  clientId,
  clusterName,
  clusterPattern,
  duration,
  kubernetesName,
  kubernetesNameGlob,
  namespace,
  namespaceGlob,
  namespaceGlobs,
  objectName,
  vaultName,
} from "./words.ts";

const vault = z
  .strictObject({
    name: vaultName.describe("Name of the vault, as in https://<name>.vault.azure.net."),
    url: z
      .string()
      .optional()
      .describe("Address of the vault in a sovereign cloud, or of a stand-in on a loopback host."),
    identity: clientId.optional().describe("Client id of the managed identity that reads this vault."),
    flowsTo: z
      .array(z.strictObject({ cluster: clusterPattern, namespaces: namespaceGlobs }))
      .min(1, sentence("The vault flows nowhere.", "Name a cluster and namespaces, or remove the vault."))
      .describe("Where values of this vault may be written. Nowhere else, whatever a class names."),
  })
  .transform((raw): MappedVault => ({
    name: raw.name,
    url: raw.url ?? `https://${raw.name}.vault.azure.net`,
    identity: raw.identity,
    flowsTo: raw.flowsTo,
  }));

const workloadKind = z.enum(["Deployment", "StatefulSet", "DaemonSet"]);
const restart = z.enum(["auto", "always", "never"]);

const link = z.strictObject({
  cluster: clusterName,
  namespace,
  vault: vaultName,
  object: objectName,
  type: z.enum(["secret", "cert", "key"]).default("secret"),
  secret: kubernetesName.describe("The synced Secret that these workloads depend on."),
  workloads: z.array(z.strictObject({ kind: workloadKind, name: kubernetesName })).default([]),
});

const timeouts = z
  .strictObject({
    rollout: duration.optional().describe("A rollout without progress for so long is stuck. 10m by default."),
    secretLost: duration.optional().describe("A synced Secret that is gone for so long is lost. 6m by default."),
    vaultStale: duration
      .optional()
      .describe("How long a vault that answers an older version is asked again. 60s by default."),
  })
  .transform(({ rollout, secretLost, vaultStale }) => ({
    rolloutMs: rollout ?? defaultTimeouts.rolloutMs,
    secretLostMs: secretLost ?? defaultTimeouts.secretLostMs,
    vaultStaleMs: vaultStale ?? defaultTimeouts.vaultStaleMs,
  }));

const policy = z
  .strictObject({
    settle: duration
      .optional()
      .describe(
        "Wait after an object's newest version, so that values changed together cost one restart. 2s by default.",
      ),
    settleAtMost: duration.optional().describe("The longest that settling may take. 10s by default."),
    restart: restart
      .default("auto")
      .describe(
        "auto: what a restart refreshes. always: readers by volume too. never: the application reloads by itself.",
      ),
    newObjects: z
      .enum(["wait", "restart"])
      .default("wait")
      .describe("What a class that gained objects gets: its owner's own rollout, or a restart."),
    assumeMountable: z
      .array(kubernetesName)
      .default([])
      .describe("Names of classes that the bridge cannot check but may assume to mount."),
    replaceUnproven: z
      .array(kubernetesName)
      .default([])
      .describe("Names of Secrets with certificates or keys whose present bytes may be replaced unseen."),
    timeouts: timeouts.optional(),
  })
  .transform((raw): MapPolicy => ({
    settleMs: raw.settle ?? 2_000,
    // A longer settle time alone raises the bound with it.
    settleAtMostMs: raw.settleAtMost ?? Math.max(10_000, raw.settle ?? 0),
    restart: raw.restart,
    newObjects: raw.newObjects,
    assumeMountable: raw.assumeMountable,
    replaceUnproven: raw.replaceUnproven,
    timeouts: raw.timeouts ?? defaultTimeouts,
  }));

const workloadRule = z.strictObject({
  cluster: clusterPattern.default("*"),
  namespace: namespaceGlob.default("*"),
  kind: workloadKind,
  name: kubernetesNameGlob,
  restart,
});

export const mapSchema = z.strictObject({
  mode: modeSchema.default("observe").describe("observe: plan and report, write nothing. act: write and restart."),
  writes: z
    .enum(["enabled", "stopped"])
    .default("enabled")
    .describe("The one switch that stops all writes everywhere."),
  withoutCage: z
    .boolean(sentence("Neither true nor false.", "Write true or false, without quotes."))
    .default(false)
    .describe("true: act although no cage (admission policy) keeps the bridge's identity to what it does."),
  discovery: z.boolean().default(true).describe("false: only the Secrets of `links` are looked after."),
  vaults: z.array(vault).min(1, sentence("No vault is named.", "Name at least one vault.")),
  clusters: z.array(clusterSchema).min(1, sentence("No cluster is named.", "Name at least one cluster.")),
  links: z.array(link).default([]).describe("Dependents that no manifest shows: restarted when the Secret changes."),
  policy: policy.prefault({}),
  workloads: z
    .array(workloadRule)
    .default([])
    .describe("Restart policy of single workloads; the first entry that matches wins."),
});

/** For editors: what may be written, as JSON Schema (draft 7, which the YAML language server reads). */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(mapSchema, { io: "input", target: "draft-7" }), title: "Rotation Bridge: rotation map" };
}
