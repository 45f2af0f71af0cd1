/** The API server as the rig and its tests talk to it: plain requests with a token, no client library between. */

import { Agent, request } from "undici";
import { z } from "zod";

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Api {
  /** A request with a JSON body; any status is an answer. Throws only where there is none. */
  call(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    type?: string,
  ): Promise<ApiAnswer>;
  /** As `call`; throws for any status from 400 on. */
  must(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    type?: string,
  ): Promise<unknown>;
  /** Server-side apply of one object, under the name kubectl uses. */
  apply(object: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export const mergePatch = "application/merge-patch+json";

/** `server` is an origin; `ca` PEM that its certificate is checked with. */
export function connectApi(server: string, ca: string, token: string): Api {
  const dispatcher = new Agent({ connect: { ca } });
  const api: Api = {
    async call(method, path, body, type = "application/json") {
      const answer = await request(`${server}${path}`, {
        dispatcher,
        method,
        headers: { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: jsonOf(text) };
    },
    async must(method, path, body, type) {
      const answer = await api.call(method, path, body, type);
      if (answer.status < 400) return answer.body;
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
    },
    apply: (object) =>
      api.must("PATCH", `${pathOf(object)}?fieldManager=kubectl&force=true`, object, "application/apply-patch+yaml"),
    close: () => dispatcher.destroy(),
  };
  return api;
}

const objectSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

const clusterKinds = new Set([
  "Namespace",
  "Node",
  "ClusterRole",
  "ClusterRoleBinding",
  "CSIDriver",
  "CustomResourceDefinition",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
]);

/** Path of an object in the API; without a namespace it is in `default`. */
export function pathOf(object: unknown): string {
  const { apiVersion, kind, metadata } = objectSchema.parse(object);
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = clusterKinds.has(kind) ? "" : `/namespaces/${metadata.namespace ?? "default"}`;
  const lower = kind.toLowerCase();
  const plural = /(s|ss)$/.test(lower) ? `${lower}es` : lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  return `${root}${namespace}/${plural}/${metadata.name}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
