/** The cluster that the bench works in, as the street needs it: a stand-in of this process, or the rig. */

import { providerClass, workload } from "../scenarios/manifests.ts";

export interface Site {
  readonly server: string;
  /** PEM that the server's certificate is checked with; undefined: plain HTTP. */
  readonly ca: string | undefined;
  /** How the bridge reaches it: fields of a cluster in the map, as in `token: { file: token }`. */
  readonly access: string;
  /** A token for requests by hand, with the rights of the bridge's. */
  token(): Promise<string>;
  /** Class and workload; ends when its pods run. */
  install(namespace: string, objects: readonly object[]): Promise<void>;
  /** Ends when the cluster works on nothing that a rotation left behind. */
  rested(): Promise<void>;
  /** Milliseconds of real time (performance.now) when the Secret's data next change in the namespace. */
  patched(namespace: string): Promise<number>;
  close(): Promise<void>;
}

export const replicas = 2;

/** A class of one object, and what mounts it and reads its Secret. */
export function application(namespace: string, vault: string, object: string): readonly object[] {
  return [
    providerClass({ name: "kv", namespace, vault, objects: [object], secrets: { app: { password: object } } }),
    workload({
      name: "app",
      namespace,
      replicas,
      mounts: ["kv"],
      env: { PASSWORD: ["app", "password"] },
      // All pods at once: what the bench measures is over before, and the next rotation can begin sooner.
      spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "100%" } } },
    }),
  ];
}
