/** etcd, API server, controllers and scheduler: the real ones, with RBAC and the Node authorizer on. */

import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { selfSignedCertificate } from "../../local/self-signed.ts";
import { type Api, connectApi } from "./api.ts";
import { type Identity, kubeconfigPath, writeKubeconfigs, writeTokenFile } from "./identities.ts";
import type { Namespace, Process } from "./namespace.ts";
import { until } from "./until.ts";

export interface ControlPlane {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly admin: Api;
  /** Starts what works on objects; after the CRDs are there, so that the garbage collector knows them from the start. */
  startControllers(): Promise<void>;
  /** Ends the API server and starts it anew: it has forgotten all changes before that. */
  readonly restartApiServer: () => Promise<void>;
}

/** Starts etcd and the API server and waits until it is ready (about 4 s). `audit`: see {@link auditFile}. */
export async function startControlPlane(
  namespace: Namespace,
  program: string,
  all: ReadonlyMap<string, Identity>,
  { audit = false }: { readonly audit?: boolean } = {},
): Promise<ControlPlane> {
  const { folder } = namespace;
  const [etcdPort, peerPort, apiPort] = await freePorts();
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const server = `https://127.0.0.1:${apiPort}`;
  const file = (name: string) => join(folder, name);

  const { key, cert } = selfSignedCertificate();
  const serviceAccounts = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  await Promise.all([
    writeFile(file("tls.key"), key, { mode: 0o600 }),
    writeFile(file("tls.crt"), cert),
    writeFile(file("service-accounts.key"), serviceAccounts.privateKey, { mode: 0o600 }),
    writeFile(file("service-accounts.pub"), serviceAccounts.publicKey),
    writeTokenFile(file("tokens.csv"), all),
    writeKubeconfigs(folder, server, cert, all),
    ...(audit ? [writeFile(file("audit-policy.json"), JSON.stringify(auditPolicy))] : []),
  ]);

  await namespace.start({
    name: "etcd",
    command: program,
    args: [
      "etcd",
      `--data-dir=${file("etcd")}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
  });
  await until("etcd", namespace, async () => (await fetch(`${etcd}/health`)).ok);
  const apiServer: Process = {
    name: "kube-apiserver",
    command: program,
    args: [
      "kube-apiserver",
      `--etcd-servers=${etcd}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${apiPort}`,
      `--tls-cert-file=${file("tls.crt")}`,
      `--tls-private-key-file=${file("tls.key")}`,
      `--token-auth-file=${file("tokens.csv")}`,
      "--authorization-mode=Node,RBAC",
      "--allow-privileged",
      "--enable-admission-plugins=NodeRestriction",
      // Pods shall start without a token volume: nothing runs in them.
      "--disable-admission-plugins=ServiceAccount",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${file("service-accounts.pub")}`,
      `--service-account-signing-key-file=${file("service-accounts.key")}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--endpoint-reconciler-type=none",
      ...(audit ? [`--audit-policy-file=${file("audit-policy.json")}`, `--audit-log-path=${auditFile(folder)}`] : []),
    ],
  };
  const admin = connectApi(server, cert, tokenOf(all, "admin"));
  const startApiServer = async () => {
    await namespace.start(apiServer);
    await until("kube-apiserver", namespace, async () => (await admin.call("GET", "/readyz")).status === 200);
  };
  await startApiServer();

  return {
    server,
    ca: cert,
    admin,
    restartApiServer: async () => {
      await namespace.signal("kube-apiserver", "SIGKILL");
      await startApiServer();
    },
    async startControllers() {
      await namespace.start({
        name: "kube-controller-manager",
        command: program,
        args: [
          "kube-controller-manager",
          `--kubeconfig=${kubeconfigPath(folder, "admin")}`,
          "--leader-elect=false",
          "--secure-port=0",
          // New nodes lose their not-ready taint at this pace; 5 s is the default.
          "--node-monitor-period=1s",
          `--service-account-private-key-file=${file("service-accounts.key")}`,
          `--root-ca-file=${file("tls.crt")}`,
        ],
      });
      await namespace.start({
        name: "kube-scheduler",
        command: program,
        args: [
          "kube-scheduler",
          `--kubeconfig=${kubeconfigPath(folder, "scheduler")}`,
          "--leader-elect=false",
          "--secure-port=0",
        ],
      });
    },
  };
}

/** What the bridge's user asked for, one JSON object a line, with the rule that allowed it. */
export function auditFile(folder: string): string {
  return join(folder, "audit.log");
}

const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata", users: ["rotation-bridge"] }, { level: "None" }],
};

export function tokenOf(all: ReadonlyMap<string, Identity>, name: string): string {
  const token = all.get(name)?.token;
  if (token === undefined) throw new Error(`There is no identity ${name}.`);
  return token;
}

/** Three different ones; all are held until the last is known. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return [ports[0] ?? 0, ports[1] ?? 0, ports[2] ?? 0];
}
