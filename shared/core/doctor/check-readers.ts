/** Who else renews what reads the synced Secrets: ingress controllers that reload certificates, and Stakater Reloader. */

import { printable } from "../printable.ts";
import { listed, ok, warning } from "./check.ts";
import type { Check } from "./check.ts";

/** An Ingress that serves a synced Secret. */
export interface IngressUse {
  readonly namespace: string;
  readonly name: string;
  readonly secret: string;
  /** `spec.controller` of its class, as in `k8s.io/ingress-nginx`; undefined where it could not be found out. */
  readonly controller: string | undefined;
}

/** By `spec.controller` of the IngressClass. All of these watch Secrets and load a new certificate without a restart. */
const reloading: readonly { readonly controller: RegExp; readonly name: string }[] = [
  { controller: /^k8s\.io\/ingress-nginx/, name: "ingress-nginx" },
  { controller: /^webapprouting\.kubernetes\.azure\.com\/nginx/, name: "the application routing add-on of AKS" },
  { controller: /^nginx\.org\/ingress-controller/, name: "the NGINX Ingress Controller" },
  { controller: /^traefik\.io\/ingress-controller/, name: "Traefik" },
  { controller: /^haproxy\.org\/|^haproxy-ingress\.github\.io\//, name: "HAProxy" },
  { controller: /^projectcontour\.io\//, name: "Contour" },
  { controller: /^azure\/application-gateway/, name: "Application Gateway Ingress Controller" },
];

export function checkIngresses(uses: readonly IngressUse[]): readonly Check[] {
  if (uses.length === 0) return [ok("No Ingress serves a synced Secret.")];
  return uses.map(({ namespace, name, secret, controller }) => {
    const what = `Ingress ${printable(`${namespace}/${name}`, 200)} serves Secret ${printable(secret, 200)}`;
    const known = reloading.find((one) => controller !== undefined && one.controller.test(controller));
    if (known !== undefined)
      return ok(`${what}; ${known.name} loads it anew by itself, so nothing is restarted for it.`);
    const by = controller === undefined ? "a controller that could not be found out" : printable(controller, 100);
    return warning(
      `${what}, by ${by}.`,
      "Make sure that it loads a changed Secret by itself: the bridge restarts pods that read a Secret, not controllers.",
    );
  });
}

export interface ReloaderFacts {
  /** `namespace/name` of Deployments that are Reloader; undefined where they could not be listed. */
  readonly installed: readonly string[] | undefined;
  /** `namespace/Kind/name` of workloads that ask it to restart them for a synced Secret. */
  readonly asking: readonly string[];
}

export function checkReloader({ installed, asking }: ReloaderFacts): readonly Check[] {
  const workloads = listed(asking.map((one) => printable(one, 200)));
  if (installed === undefined)
    return asking.length === 0
      ? [ok("No workload asks Stakater Reloader to restart it for a synced Secret.")]
      : [
          warning(
            `${workloads} ask Stakater Reloader to restart them; whether it runs could not be read.`,
            "Sign in as somebody who may list Deployments.",
          ),
        ];
  if (installed.length === 0)
    return asking.length === 0
      ? [ok("Stakater Reloader is not here.")]
      : [
          warning(
            `${workloads} ask Stakater Reloader to restart them, and it is not here: the bridge waits 15 s for it each time.`,
            "Remove its annotations.",
          ),
        ];
  const where = listed(installed.map((one) => printable(one, 200)));
  return asking.length === 0
    ? [ok(`Stakater Reloader runs (${where}); no workload asks it to restart for a synced Secret.`)]
    : [
        ok(
          `Stakater Reloader (${where}) restarts ${workloads}; the bridge proves its rollouts instead of making its own.`,
        ),
      ];
}
