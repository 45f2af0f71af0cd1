/** The requests that the bridge makes, each through one generated API of @kubernetes/client-node. Answers are raw. */

import {
  AdmissionregistrationV1Api,
  AppsV1Api,
  AuthenticationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
  StorageV1Api,
} from "@kubernetes/client-node";
import type { ConfigurationOptions } from "@kubernetes/client-node";
import { cageBindings, cageName, cagePolicies } from "../../core/kubernetes/cage.ts";
import { fieldManager } from "../../core/marker.ts";
import type { Revision, WorkloadKind } from "../../core/observed.ts";
import type { Caller } from "./caller.ts";
import { readChanges } from "./class-watch.ts";
import type { ClassSource } from "./class-index.ts";
import { signedOptions } from "./connection.ts";
import type { Connection, Wire } from "./connection.ts";
import type { CallName } from "./failure.ts";
import { readAll } from "./paging.ts";
import type { PageRequest, WholeList } from "./paging.ts";

const csiGroup = { group: "secrets-store.csi.x-k8s.io", version: "v1" };
const admissionGroup = "admissionregistration.k8s.io";
const classesName = "secretproviderclasses";
const podStatusesName = "secretproviderclasspodstatuses";

type AppsKind = WorkloadKind | Revision["kind"];

export interface KubernetesApi {
  listApps(kind: AppsKind, namespace: string): Promise<readonly unknown[]>;
  patchWorkload(kind: WorkloadKind, namespace: string, name: string, body: object): Promise<unknown>;
  listPods(namespace: string): Promise<readonly unknown[]>;
  listPodStatuses(namespace: string): Promise<readonly unknown[]>;
  patchPodStatus(namespace: string, name: string, body: object): Promise<unknown>;
  readSecret(namespace: string, name: string): Promise<unknown>;
  patchSecret(namespace: string, name: string, body: object): Promise<unknown>;
  readCsiDriver(name: string): Promise<unknown>;
  readDaemonSet(namespace: string, name: string): Promise<unknown>;
  readCagePolicy(): Promise<unknown>;
  readCageBinding(): Promise<unknown>;
  whoAmI(): Promise<unknown>;
  /** Of one namespace, or of all where it is undefined. */
  classes(namespace: string | undefined): ClassSource;
}

export interface ApiOptions {
  /** Objects in a page of a list. */
  readonly pageSize: number;
  /** See {@link readChanges}. */
  readonly quietMs: number;
}

/** All patches are merge patches by our field manager. Everything throws a RemoteProblem when it fails. */
export function createApi(connection: Connection, caller: Caller, options: ApiOptions): KubernetesApi {
  const core = new CoreV1Api(connection.configuration);
  const apps = new AppsV1Api(connection.configuration);
  const storage = new StorageV1Api(connection.configuration);
  const custom = new CustomObjectsApi(connection.configuration);
  const admission = new AdmissionregistrationV1Api(connection.configuration);
  const authentication = new AuthenticationV1Api(connection.configuration);
  const lists = appsLists(apps);
  const patches = appsPatches(apps);

  const listed = (call: CallName, page: (request: PageRequest, wire: Wire) => Promise<unknown>): Promise<WholeList> =>
    readAll((request) => caller(call, (wire) => page(request, wire)), options.pageSize);

  const itemsOf = async (call: CallName, page: (request: PageRequest, wire: Wire) => Promise<unknown>) =>
    (await listed(call, page)).items;

  return {
    listApps: (kind, namespace) =>
      itemsOf({ verb: "list", resource: appsResources[kind], namespace }, (request, wire) =>
        lists[kind]({ namespace, ...request }, signedOptions(wire)),
      ),
    patchWorkload: (kind, namespace, name, body) =>
      caller({ verb: "patch", resource: appsResources[kind], namespace, name }, (wire) =>
        patches[kind]({ namespace, name, body, fieldManager }, patchOptions(wire)),
      ),
    listPods: (namespace) =>
      itemsOf({ verb: "list", resource: "pods", namespace }, (request, wire) =>
        core.listNamespacedPod({ namespace, ...request }, signedOptions(wire)),
      ),
    listPodStatuses: (namespace) =>
      itemsOf({ verb: "list", resource: `${podStatusesName}.${csiGroup.group}`, namespace }, (request, wire) =>
        custom.listNamespacedCustomObject(
          { ...csiGroup, plural: podStatusesName, namespace, ...request },
          signedOptions(wire),
        ),
      ),
    patchPodStatus: (namespace, name, body) =>
      caller({ verb: "patch", resource: `${podStatusesName}.${csiGroup.group}`, namespace, name }, (wire) =>
        custom.patchNamespacedCustomObject(
          { ...csiGroup, plural: podStatusesName, namespace, name, body, fieldManager },
          patchOptions(wire),
        ),
      ),
    readSecret: (namespace, name) =>
      caller({ verb: "get", resource: "secrets", namespace, name }, (wire) =>
        core.readNamespacedSecret({ namespace, name }, signedOptions(wire)),
      ),
    patchSecret: (namespace, name, body) =>
      caller({ verb: "patch", resource: "secrets", namespace, name }, (wire) =>
        core.patchNamespacedSecret({ namespace, name, body, fieldManager }, patchOptions(wire)),
      ),
    readCsiDriver: (name) =>
      caller({ verb: "get", resource: "csidrivers.storage.k8s.io", name }, (wire) =>
        storage.readCSIDriver({ name }, signedOptions(wire)),
      ),
    readDaemonSet: (namespace, name) =>
      caller({ verb: "get", resource: appsResources.DaemonSet, namespace, name }, (wire) =>
        apps.readNamespacedDaemonSet({ namespace, name }, signedOptions(wire)),
      ),
    readCagePolicy: () =>
      caller({ verb: "get", resource: `${cagePolicies}.${admissionGroup}`, name: cageName }, (wire) =>
        admission.readValidatingAdmissionPolicy({ name: cageName }, signedOptions(wire)),
      ),
    readCageBinding: () =>
      caller({ verb: "get", resource: `${cageBindings}.${admissionGroup}`, name: cageName }, (wire) =>
        admission.readValidatingAdmissionPolicyBinding({ name: cageName }, signedOptions(wire)),
      ),
    whoAmI: () =>
      caller({ verb: "create", resource: "selfsubjectreviews.authentication.k8s.io" }, (wire) =>
        authentication.createSelfSubjectReview({ body: {} }, signedOptions(wire)),
      ),
    classes: (namespace) => ({
      list: () =>
        listed({ verb: "list", resource: `${classesName}.${csiGroup.group}`, namespace }, (request, wire) =>
          namespace === undefined
            ? custom.listClusterCustomObject({ ...csiGroup, plural: classesName, ...request }, signedOptions(wire))
            : custom.listNamespacedCustomObject(
                { ...csiGroup, plural: classesName, namespace, ...request },
                signedOptions(wire),
              ),
        ),
      changes: (resourceVersion) => {
        const call: CallName = { verb: "watch", resource: `${classesName}.${csiGroup.group}`, namespace };
        const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
        const url = `${connection.server}/apis/${csiGroup.group}/${csiGroup.version}${scope}/${classesName}`;
        const watch = { url, resourceVersion, call, quietMs: options.quietMs };
        return caller(call, (wire) => readChanges(wire, watch), { tries: 1 });
      },
    }),
  };
}

const appsResources: Readonly<Record<AppsKind, string>> = {
  Deployment: "deployments.apps",
  StatefulSet: "statefulsets.apps",
  DaemonSet: "daemonsets.apps",
  ReplicaSet: "replicasets.apps",
  ControllerRevision: "controllerrevisions.apps",
};

type AppsList = (request: PageRequest & { namespace: string }, options: ConfigurationOptions) => Promise<unknown>;

function appsLists(apps: AppsV1Api): Readonly<Record<AppsKind, AppsList>> {
  return {
    Deployment: (request, options) => apps.listNamespacedDeployment(request, options),
    StatefulSet: (request, options) => apps.listNamespacedStatefulSet(request, options),
    DaemonSet: (request, options) => apps.listNamespacedDaemonSet(request, options),
    ReplicaSet: (request, options) => apps.listNamespacedReplicaSet(request, options),
    ControllerRevision: (request, options) => apps.listNamespacedControllerRevision(request, options),
  };
}

interface PatchRequest {
  readonly namespace: string;
  readonly name: string;
  readonly body: object;
  readonly fieldManager: string;
}

type AppsPatch = (request: PatchRequest, options: ConfigurationOptions) => Promise<unknown>;

function appsPatches(apps: AppsV1Api): Readonly<Record<WorkloadKind, AppsPatch>> {
  return {
    Deployment: (request, options) => apps.patchNamespacedDeployment(request, options),
    StatefulSet: (request, options) => apps.patchNamespacedStatefulSet(request, options),
    DaemonSet: (request, options) => apps.patchNamespacedDaemonSet(request, options),
  };
}

/** The client's default is a JSON patch, which is another language. */
function patchOptions(wire: Wire): ConfigurationOptions {
  return setHeaderOptions("Content-Type", PatchStrategy.MergePatch, signedOptions(wire));
}
