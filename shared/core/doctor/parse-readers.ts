/** Ingresses and Deployments as a Kubernetes API gives them -> what doctor says of them. */

import { annotation, metadataOf } from "../kubernetes/metadata.ts";
import { field, list, text } from "../kubernetes/read.ts";
import type { IngressUse } from "./check-readers.ts";

/**
 * The Ingresses that serve one of `secrets`, which holds `namespace/name`. `classes` undefined: the IngressClasses could
 * not be read.
 */
export function ingressUses(
  ingresses: readonly unknown[],
  classes: readonly unknown[] | undefined,
  secrets: ReadonlySet<string>,
): readonly IngressUse[] {
  const controllers = new Map(
    (classes ?? []).map((raw) => [metadataOf(raw).name, text(field(raw, "spec", "controller"))] as const),
  );
  const standard = (classes ?? []).find(
    (raw) => annotation(raw, "ingressclass.kubernetes.io/is-default-class") === "true",
  );
  return ingresses.flatMap((raw) => {
    const { name, namespace } = metadataOf(raw);
    const className =
      text(field(raw, "spec", "ingressClassName")) ??
      annotation(raw, "kubernetes.io/ingress.class") ??
      (standard === undefined ? undefined : metadataOf(standard).name);
    const controller = className === undefined ? undefined : controllers.get(className);
    const served = new Set(list(field(raw, "spec", "tls")).flatMap((one) => text(field(one, "secretName")) ?? []));
    return [...served]
      .filter((secret) => secrets.has(`${namespace}/${secret}`))
      .map((secret) => ({ namespace, name, secret, controller }));
  });
}

/** `namespace/name` of the Deployments that are Stakater Reloader, by its image or by the label of its Helm chart. */
export function reloadersAmong(deployments: readonly unknown[]): readonly string[] {
  return deployments.flatMap((raw) => {
    const { name, namespace } = metadataOf(raw);
    const template = field(raw, "spec", "template");
    const images = list(field(template, "spec", "containers")).flatMap((one) => text(field(one, "image")) ?? []);
    const label = text(field(raw, "metadata", "labels", "app.kubernetes.io/name"));
    const is = label === "reloader" || images.some((image) => /(^|\/)reloader(:|@|$)/.test(image));
    return is ? [`${namespace}/${name}`] : [];
  });
}
