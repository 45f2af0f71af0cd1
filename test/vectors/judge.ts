/** One vector: equal, a listed deviation, or a failure. */

import { createSecureContext } from "node:tls";
import { podSignsIn } from "./cases.ts";
import type { ExpectedSecret, VectorCase } from "./cases.ts";
import { differences, renderCase } from "./compare.ts";
import type { Difference } from "./compare.ts";
import { deviations } from "./deviations.ts";

export type Verdict =
  /** `unseen`: it fails upstream before anything is rendered, for what only the pod has. */
  | { readonly kind: "passed"; readonly unseen: boolean }
  | { readonly kind: "deviation"; readonly harm: string }
  | { readonly kind: "failed"; readonly what: string };

/** `expect` counts with driver 1.6, and the outcome of any other driver that the case records with that driver. */
export function judge(vector: VectorCase): Verdict {
  if (!podSignsIn(vector))
    return vector.expect.mount.ok ? failed("the pod has no credentials, and mounts all the same") : passed(true);
  const found = [
    ...differences(renderCase(vector), vector.expect),
    ...Object.entries(vector.expectByDriver).flatMap(([version, expected]) =>
      differences(renderCase(vector, version.startsWith("1.5.") ? "1.5" : "1.6"), expected).map((difference) => ({
        ...difference,
        what: `driver ${version}: ${difference.what}`,
      })),
    ),
  ];
  const listed = deviations.get(vector.name);
  const [first, second] = found;
  if (first === undefined)
    return listed === undefined ? passed(false) : failed("listed as a deviation, but rendered as upstream does");
  if (listed === undefined || second !== undefined || first.secret !== listed.secret)
    return failed(found.map(({ what }) => what).join("; "));
  return listed.harm === "unloadable" ? unloadable(vector, first) : { kind: "deviation", harm: listed.harm };
}

/** What `tls.createSecureContext` says of a Secret; undefined if it takes it, or if it is no TLS Secret. */
export function openSslError(secret: ExpectedSecret | undefined): string | undefined {
  if (secret === undefined || !secret.ok || secret.type !== "kubernetes.io/tls") return undefined;
  const given = (key: string): Buffer | undefined => {
    const text = secret.data[key];
    return text === undefined ? undefined : Buffer.from(text, "base64");
  };
  const [cert, key] = [given("tls.crt"), given("tls.key")];
  try {
    createSecureContext({ ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "refused";
  }
}

/** The Secret is refused for its harm, and the bytes that the driver makes are indeed of no use. */
function unloadable(vector: VectorCase, { secret, kind, what }: Difference): Verdict {
  if (kind !== "harmful" || secret === undefined) return failed(what);
  const error = openSslError(vector.expect.secrets[secret]);
  return error === undefined
    ? failed(`${what}, but tls.createSecureContext takes it`)
    : { kind: "deviation", harm: error };
}

function passed(unseen: boolean): Verdict {
  return { kind: "passed", unseen };
}

function failed(what: string): Verdict {
  return { kind: "failed", what };
}
