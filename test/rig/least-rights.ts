/**
 * No more than what `rotation-bridge rbac` prints, kept up with the cluster's classes as a person or GitOps would do it,
 * and the cage around it. What the bridge then asks for is in the API server's audit log.
 */

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { cageManifests } from "../../cli/cage.ts";
import { textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { rbacManifests } from "../../shared/core/rbac-manifests.ts";
import { neededRights, type RbacRole } from "../../shared/core/rbac-rules.ts";
import { mapProblemText, parseRotationMap } from "../../shared/core/rotation-map.ts";
import type { MappedCluster, RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import type { Api } from "./api.ts";
import { auditFile } from "./control-plane.ts";
import type { Rig } from "./rig.ts";
import { until } from "./until.ts";
import { watchKind } from "./watch.ts";

export interface LeastRights {
  /** Every role that was granted so far, each as it was each time. */
  readonly granted: readonly RbacRole[];
  /** What a class asks for is granted, and the API server heeds it: its authorizer learns by a watch. */
  reach(namespace: string, className: string): Promise<void>;
  close(): Promise<void>;
}

const user = "rotation-bridge";

/** The map's own text, which must have one cluster. */
export async function grantLeast(rig: Rig, mapText: string): Promise<LeastRights> {
  const { map, cluster } = rigMap(mapText);
  const { admin } = rig;
  await applyCage(rig);
  const classes = new Map<string, JsonObject>();
  const granted: RbacRole[] = [];
  let last = Promise.resolve();
  let failure: unknown;
  const keepUp = async () => {
    const { roles } = neededRights(map, cluster, [...classes.values()].map(parseProviderClass));
    granted.push(...roles);
    for (const manifest of rbacManifests(roles, user)) {
      const { metadata } = placeSchema.parse(manifest);
      await admin.apply(manifest).catch(async (error: unknown) => {
        // A scenario that is over takes its namespace with it.
        if (!(await isGoing(admin, metadata.namespace))) throw error;
      });
    }
  };
  const watching = await watchKind(rig, "SecretProviderClass", "", ({ type, object }) => {
    const key = `${textAt(object, "metadata", "namespace")}/${textAt(object, "metadata", "name")}`;
    if (type === "DELETED") classes.delete(key);
    else classes.set(key, object);
    last = last.then(keepUp).catch((error: unknown) => {
      failure ??= error;
    });
  });
  await keepUp();
  const list = "/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses";
  await until("the bridge's rights", rig, async () => (await rig.bridge.call("GET", list)).status === 200);
  return {
    granted,
    reach: async (namespace, className) => {
      await until("the class in the watch", rig, async () => classes.has(`${namespace}/${className}`));
      await last;
      // There are classes for which nothing is granted: of another vault, or invalid.
      if (!granted.some((role) => role.namespace === namespace)) return;
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      await until("the rights in a namespace", rig, async () => (await rig.bridge.call("GET", pods)).status === 200);
    },
    close: async () => {
      await watching.close();
      await last;
      if (failure !== undefined) throw new Error("The rights could not be kept up.", { cause: failure });
    },
  };
}

/** Applies infra/cluster/admission-policy.yaml for the bridge's user; the API server heeds it a moment later. */
export async function applyCage({ admin }: Pick<Rig, "admin">, tolerated?: string): Promise<void> {
  const file = await readFile(new URL("../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");
  const text = tolerated === undefined ? file : file.replace('expression: "[]"', `expression: '["${tolerated}"]'`);
  for (const manifest of cageManifests(text, user)) await admin.apply(manifest);
}

export function rigMap(text: string): { readonly map: RotationMap; readonly cluster: MappedCluster } {
  const parsed = parseRotationMap(text, "map");
  if (!parsed.ok) throw new Error(parsed.problems.map(mapProblemText).join("\n"));
  const [cluster] = parsed.map.clusters;
  if (cluster === undefined) throw new Error("The map names no cluster.");
  return { map: parsed.map, cluster };
}

const placeSchema = z.object({ metadata: z.object({ namespace: z.string().optional() }) });

async function isGoing(admin: Api, namespace: string | undefined): Promise<boolean> {
  if (namespace === undefined) return false;
  const { status, body } = await admin.call("GET", `/api/v1/namespaces/${namespace}`);
  return status === 404 || namespaceSchema.parse(body).status.phase === "Terminating";
}

const namespaceSchema = z.object({ status: z.object({ phase: z.string() }) });

/** One request of the bridge as the API server saw it. */
export interface Asked {
  readonly verb: string;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly code: number;
}

/** What the app asked for so far; the tests' own requests in its name are not among it. */
export async function askedByApp(folder: string): Promise<readonly Asked[]> {
  const lines = (await readFile(auditFile(folder), "utf8")).split("\n").filter((line) => line !== "");
  return lines
    .map((line) => auditSchema.parse(JSON.parse(line)))
    .flatMap(({ userAgent, verb, objectRef, responseStatus }) =>
      userAgent !== user || objectRef === undefined ? [] : [{ verb, objectRef, responseStatus }],
    )
    .map(({ verb, objectRef, responseStatus }) => ({
      verb,
      apiGroup: objectRef.apiGroup ?? "",
      resource:
        objectRef.subresource === undefined ? objectRef.resource : `${objectRef.resource}/${objectRef.subresource}`,
      namespace: objectRef.namespace,
      name: objectRef.name,
      code: responseStatus?.code ?? 0,
    }));
}

const auditSchema = z.object({
  verb: z.string(),
  userAgent: z.string().optional(),
  /** Absent for paths such as /metrics. */
  objectRef: z
    .object({
      apiGroup: z.string().optional(),
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
  responseStatus: z.object({ code: z.number().optional() }).optional(),
});
