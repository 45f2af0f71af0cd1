/** What the HTTP functions take. Names of known alphabets only, no unknown field, one bound for all. */

import * as z from "zod";
import { clusterNamePattern, namespacePattern, objectNamePattern, vaultNamePattern } from "../shared/core/names.ts";
import type { HttpRoute } from "./http.ts";

/** In bytes. A dead-lettered event has some 1,000; the names of `rotate` fewer. */
export const largestBody = 65_536;

/** Said with a 400, in place of what was wrong: that would be the caller's own text. */
export const expected: Readonly<Record<HttpRoute["route"], string>> = {
  plan: "?secret=VAULT/NAME",
  status: "nothing, or ?cluster=NAME and ?namespace=NAME, together or alone",
  rotate: 'JSON: {"secret": "VAULT/NAME"}, with "cluster" and then "namespace" for one of them only',
  replay: "JSON: one Key Vault event or message of the bridge, or a list of them",
};

const secret = z
  .string()
  .max(160)
  .transform((text) => text.split("/"))
  .pipe(z.tuple([z.string().regex(vaultNamePattern), z.string().regex(objectNamePattern)]))
  .transform(([vault, name]) => ({ vault, name }));
const cluster = z.string().regex(clusterNamePattern);
const namespace = z.string().regex(namespacePattern);

export const planQuery = z.strictObject({ secret }).transform((query) => query.secret);

export const statusQuery = z.strictObject({ cluster: cluster.optional(), namespace: namespace.optional() });

export const rotateBody = z
  .strictObject({ secret, cluster: cluster.optional(), namespace: namespace.optional() })
  .refine((body) => body.namespace === undefined || body.cluster !== undefined);

export type StatusQuery = z.infer<typeof statusQuery>;
export type RotateBody = z.infer<typeof rotateBody>;
