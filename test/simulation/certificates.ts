/**
 * Worlds with a certificate: a class that makes a TLS Secret (or files of several kinds) of it, what renews and breaks it,
 * and what the real driver made of it. They are drawn apart from everything else, so that the other worlds stay as they are.
 */

import { recorded } from "../scenarios/certificates.ts";
import { textAt } from "../../local/cluster/json.ts";
import { clusterOf, number, shrug, someTime, text } from "./act-params.ts";
import type { Act, ActKind, Params } from "./acts.ts";
import { certificateName, vaultName } from "./names.ts";
import type { Random } from "./random.ts";
import type { Shape } from "./shape.ts";
import type { Space } from "./space.ts";

/** Renewals take turns. PEM only: reading a PFX takes tens of milliseconds, and rendering has tests of its own. */
const certificates = [recorded("pem-p521-a"), recorded("pem-rsa2048-a")] as const;

const share = 0.05;
const secretName = "web-tls";

/** What the vault holds from the beginning. */
export const firstCertificate = certificates[0].parts;

/** The `turn`-th renewal. */
export function renewed(turn: number) {
  return certificates[turn % certificates.length] ?? certificates[0];
}

/** Values of the certificate from which these bytes of a key can have been made. */
export function certificatesWith(bytes: string): readonly string[] {
  const whole = bytes === mixed ? [mixed] : [];
  const made = certificates
    .filter(({ tls, file, leaf }) => [tls.crt, tls.key, file, leaf].includes(bytes))
    .map(({ parts }) => parts.value);
  return [...whole, ...made];
}

/** Somebody imports a certificate with the private key of another one. */
const mixed = `${certificates[1].tls.key}${certificates[0].tls.crt}`;

const kinds: Readonly<Record<string, { readonly weight: number; readonly pick: (random: Random) => Params }>> = {
  "certificate-renewed": { weight: 5, pick: () => ({}) },
  "certificate-broken": { weight: 2, pick: () => ({}) },
  "certificate-part-lags": {
    weight: 3,
    pick: (random) => ({ type: random.pick(["secret", "cert"]), forMs: random.pick([10_000, 60_000]) }),
  },
  "tls-by-hand": { weight: 2, pick: () => ({}) },
  "vault-fails": {
    weight: 2,
    pick: (random) => ({
      object: certificateName,
      fault: random.pick(["throttled", "server-error", "forbidden"]),
      times: random.int(1, 12),
      forMs: someTime(random),
    }),
  },
};

/** Now and then: a space gets a class of the certificate and a workload that mounts it. */
export function withCertificate(shape: Shape, acts: readonly Act[], random: Random) {
  if (!random.chance(share)) return { shape, acts };
  const chosen = random.pick(shape.spaces);
  const spaces = shape.spaces.map((space) => (space === chosen ? tlsSpace(space, random) : space));
  const from = 30_000;
  const to = shape.installedAt + 8 * 60_000;
  const weights = Object.entries(kinds).map(([kind, { weight }]) => [kind, weight] as const);
  const more = Array.from({ length: random.int(2, 6) }, (): Act => {
    const kind = random.weighted(weights);
    const params = { namespace: chosen.namespace, ...kinds[kind]?.pick(random) };
    return { at: random.int(from, to), kind, params };
  });
  return {
    shape: { ...shape, certificates: true, spaces },
    acts: [...acts, ...more].sort((one, other) => one.at - other.at),
  };
}

/** The space with a class of the certificate, and what mounts it. */
export function tlsSpace(space: Space, random: Random): Space {
  const split = random.chance(0.5);
  const tls = {
    name: "tls",
    objects: [
      { objectName: certificateName },
      ...(split ? [{ objectName: certificateName, objectType: "cert", objectAlias: "leaf" }] : []),
    ],
    secrets: {
      [secretName]: { "tls.crt": certificateName, "tls.key": certificateName },
      ...(split ? { "web-files": { "k-site": certificateName, "k-leaf": "leaf" } } : {}),
    },
    types: { [secretName]: "kubernetes.io/tls" },
  };
  const first = space.classes[0]?.name;
  const ingress = {
    name: "ingress",
    replicas: random.int(1, 2),
    mounts: ["tls", ...(first !== undefined && random.chance(0.3) ? [first] : [])],
    env: random.chance(0.5) ? { CERT: [secretName, "tls.crt"] as const } : {},
    spec: { progressDeadlineSeconds: 30 },
  };
  return { ...space, classes: [...space.classes, tls], workloads: [...space.workloads, ingress] };
}

/** Drawn by `withCertificate` only, so they weigh nothing. */
export const certificateActs: Readonly<Record<string, ActKind>> = {
  "certificate-renewed": { weight: 0, pick: () => undefined, run: (sim) => sim.newVersion(certificateName, false) },
  "certificate-broken": {
    weight: 0,
    pick: () => undefined,
    run: (sim) => {
      sim.vault.setCertificate(vaultName, certificateName, { ...firstCertificate, value: mixed });
    },
  },
  "certificate-part-lags": {
    weight: 0,
    pick: () => undefined,
    run: (sim, params) => {
      const until = sim.clock.now() + number(params, "forMs");
      sim.lag(certificateName, until);
      const type = text(params, "type") === "cert" ? "cert" : "secret";
      sim.vault.stale(vaultName, certificateName, { until, without: "later", type });
      sim.newVersion(certificateName, false);
    },
  },
  "tls-by-hand": {
    weight: 0,
    pick: () => undefined,
    run: (sim, params) =>
      shrug(() => {
        const held = clusterOf(sim, params).store.get("Secret", text(params, "namespace"), secretName);
        if (textAt(held, "type") !== "kubernetes.io/tls") return;
        clusterOf(sim, params).patch("Secret", text(params, "namespace"), secretName, {
          data: { "tls.crt": Buffer.from("by hand").toString("base64") },
        });
      }),
  },
};
