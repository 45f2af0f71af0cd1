/** The words of rotation-map.yaml: names, patterns, durations, each with its sentence for who mistypes it. */

import * as z from "zod";
import { durationPattern, parseDuration } from "../duration.ts";
import {
  clientIdPattern,
  clusterNamePattern,
  kubernetesNamePattern,
  namespacePattern,
  objectNamePattern,
  vaultNamePattern,
} from "../names.ts";
import { sentence } from "./sentence.ts";

export const vaultName = z
  .string()
  .regex(vaultNamePattern, sentence("Not a vault's name.", "Use 3-24 letters, digits and hyphens."))
  .transform((name) => name.toLowerCase());

export const objectName = z
  .string()
  .regex(
    objectNamePattern,
    sentence("Not the name of a Key Vault object.", "Use 1-127 letters, digits and hyphens, without a version."),
  );

export const clusterName = z
  .string()
  .regex(
    clusterNamePattern,
    sentence("Not a cluster's name.", "Use up to 63 letters, digits, dots, hyphens and underscores."),
  );

export const namespace = z
  .string()
  .regex(namespacePattern, sentence("Not a namespace's name.", "Use up to 63 lower-case letters, digits and hyphens."));

export const kubernetesName = z
  .string()
  .regex(
    kubernetesNamePattern,
    sentence("Not a Kubernetes name.", "Use up to 253 lower-case letters, digits, hyphens and dots."),
  );

export const clusterPattern = z
  .string()
  .regex(
    /^[0-9a-zA-Z._*-]{1,63}$/,
    sentence("Not a pattern of cluster names.", "Write a name in which * may stand for any characters."),
  );

export const namespaceGlob = z
  .string()
  .regex(
    /^[a-z0-9*-]{1,63}$/,
    sentence("Not a pattern of namespaces.", "Write a name in which * may stand for any characters."),
  );

export const kubernetesNameGlob = z
  .string()
  .regex(
    /^[a-z0-9.*-]{1,253}$/,
    sentence("Not a pattern of names.", "Write a name in which * may stand for any characters."),
  );

export const namespaceGlobs = z
  .array(namespaceGlob)
  .min(1, sentence("The list is empty.", 'Name at least one namespace; "*" is all of them.'));

export const clientId = z
  .string()
  .regex(
    clientIdPattern,
    sentence("Not a client id.", "Write the managed identity's client id, a UUID; not its name or ARM id."),
  );

export const file = z
  .string()
  .regex(/^[^\p{Cc}]{1,1024}$/u, sentence("Not a path.", "Write a path of up to 1,024 characters."));

const longest = 24 * 3_600_000;
const durationHelp = sentence("Not a duration.", "Write a number and a unit, like 2s, 10m or 1h.");

/** In: text like `10m`, at most a day. Out: milliseconds. */
export const duration = z
  .string(durationHelp)
  .regex(durationPattern, durationHelp)
  .transform((text) => parseDuration(text) ?? Number.NaN)
  .refine((ms) => ms <= longest, sentence("Longer than a day.", "Write at most 24h."));
