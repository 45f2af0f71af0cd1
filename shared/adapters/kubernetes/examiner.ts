/**
 * What `rotation-bridge doctor` asks a cluster beyond the Cluster port: reviews of rights, the cage as it is, and who else
 * reads Secrets. The app never uses it, so its calls are not among the rights that the app needs. Answers are raw.
 */

import { AppsV1Api, AuthorizationV1Api, NetworkingV1Api } from "@kubernetes/client-node";
import type { AskedRight } from "../../core/doctor/check-rights.ts";
import { field, text } from "../../core/kubernetes/read.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import { createApi } from "./api.ts";
import { createCaller } from "./caller.ts";
import type { KubernetesOptions } from "./cluster.ts";
import { connect, signedOptions } from "./connection.ts";
import { pageSize, readAll } from "./paging.ts";
import { defaultLimits } from "./retry.ts";

/** Everything throws a RemoteProblem when it fails. */
export interface Examiner {
  /** The name that the API server knows the caller by. */
  whoAmI(): Promise<string>;
  /** May the caller do it? Or, with `user`, may that one: which asks for a right of its own. */
  allowed(right: AskedRight, user?: string): Promise<boolean>;
  /** Undefined where it is not there. */
  cagePolicy(): Promise<unknown>;
  cageBinding(): Promise<unknown>;
  ingresses(namespace: string): Promise<readonly unknown[]>;
  ingressClasses(): Promise<readonly unknown[]>;
  /** Of all namespaces. */
  deployments(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

export function createExaminer(options: Omit<KubernetesOptions, "indexNamespaces" | "listUpTo" | "quietMs">): Examiner {
  const { clock, token } = options;
  const connection = connect(options);
  const caller = createCaller({ connection, token, clock, limits: { ...defaultLimits, ...options.limits } });
  const api = createApi(connection, caller, { pageSize: options.pageSize ?? pageSize, quietMs: 100 });
  const authorization = new AuthorizationV1Api(connection.configuration);
  const networking = new NetworkingV1Api(connection.configuration);
  const apps = new AppsV1Api(connection.configuration);

  return {
    whoAmI: async () => text(field(await api.whoAmI(), "status", "userInfo", "username")) ?? "",
    allowed: async (right, user) => {
      const { verb, group, resource, namespace, name } = right;
      const resourceAttributes = {
        verb,
        group,
        resource,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
      };
      const review =
        user === undefined
          ? caller({ verb: "create", resource: "selfsubjectaccessreviews.authorization.k8s.io" }, (wire) =>
              authorization.createSelfSubjectAccessReview(
                { body: { spec: { resourceAttributes } } },
                signedOptions(wire),
              ),
            )
          : caller({ verb: "create", resource: "subjectaccessreviews.authorization.k8s.io" }, (wire) =>
              authorization.createSubjectAccessReview(
                { body: { spec: { resourceAttributes, user } } },
                signedOptions(wire),
              ),
            );
      return field(await review, "status", "allowed") === true;
    },
    cagePolicy: () => undefinedIfMissing(api.readCagePolicy()),
    cageBinding: () => undefinedIfMissing(api.readCageBinding()),
    ingresses: async (namespace) => {
      const call = { verb: "list", resource: "ingresses.networking.k8s.io", namespace } as const;
      const { items } = await readAll((request) =>
        caller(call, (wire) => networking.listNamespacedIngress({ namespace, ...request }, signedOptions(wire))),
      );
      return items;
    },
    ingressClasses: async () => {
      const call = { verb: "list", resource: "ingressclasses.networking.k8s.io" } as const;
      const { items } = await readAll((request) =>
        caller(call, (wire) => networking.listIngressClass({ ...request }, signedOptions(wire))),
      );
      return items;
    },
    deployments: async () => {
      const call = { verb: "list", resource: "deployments.apps" } as const;
      const { items } = await readAll((request) =>
        caller(call, (wire) => apps.listDeploymentForAllNamespaces({ ...request }, signedOptions(wire))),
      );
      return items;
    },
    close: () => connection.close(),
  };
}

async function undefinedIfMissing(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem && error.kind === "not-found") return undefined;
    throw error;
  }
}
