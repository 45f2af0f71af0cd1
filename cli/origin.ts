/** In words: how the provider and the driver come from what the vault holds to these bytes. */

import type { MountedFile } from "../shared/core/rendering/render.ts";

/** How a file of the mount was made of its object. */
export function describeFile({ object, source, part }: MountedFile): string {
  if (object.object.type === "cert") return "the certificate as PEM, without its chain";
  if (object.object.type === "key") return "the public key as PEM";
  const decoded = object.encoding === "utf-8" ? " as it is" : `, decoded from ${object.encoding}`;
  if ((source.keyId ?? "") === "") return `the vault's text${decoded}`;
  if (part === ".crt") return "the certificates of the file beside it";
  if (part === ".key") return "the key of the file beside it";
  if (source.contentType === "application/x-pem-file") return `the vault's PEM${decoded}`;
  if (object.format === "pfx") return `the vault's PFX${decoded}`;
  return "key and certificates as PEM, made of the vault's PFX";
}

/** How a key of a Secret was made of its file. */
export function describeKey(type: string, key: string, file: string): string {
  if (type !== "kubernetes.io/tls") return `file ${file} as it is`;
  return key === "tls.crt" ? `the certificates of file ${file}` : `the last key of file ${file}`;
}
