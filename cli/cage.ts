/** infra/cluster/admission-policy.yaml with the identity filled in. */

import { parseAllDocuments } from "yaml";

/** Where it is in a checkout. */
export const cageFile = new URL("../infra/cluster/admission-policy.yaml", import.meta.url);

const placeholder = "00000000-0000-0000-0000-000000000000";

/** `user` is an object id or a service account's name: nothing that YAML or CEL would read otherwise. */
export function cageYaml(file: string, user: string): string {
  return file.replaceAll(placeholder, user);
}

/** The same as plain objects. */
export function cageManifests(file: string, user: string): readonly unknown[] {
  return parseAllDocuments(cageYaml(file, user)).map((document): unknown => document.toJS());
}
