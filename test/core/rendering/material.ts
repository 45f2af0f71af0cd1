/** Certificates, keys and PFX files out of the rendering vectors, for tests that change them. */

import { readFileSync } from "node:fs";
import { z } from "zod";
import { marshalPkcs8, parsePrivateKey } from "../../../shared/core/go/private-key.ts";
import { pfxToPem } from "../../../shared/core/rendering/pkcs12/pkcs12.ts";

const shape = z.array(
  z.object({
    name: z.string(),
    vault: z.object({
      secrets: z
        .record(z.string(), z.array(z.object({ value: z.string().nullish(), contentType: z.string().optional() })))
        .default({}),
    }),
  }),
);

/** The PFX that a case of `certificate-secrets`, `chains` or `pfx-variants` has in its vault. */
export function pfxOfVector(file: string, name: string): Uint8Array {
  const found = read(file).find((vector) => vector.name === name);
  const value = Object.values(found?.vault.secrets ?? {}).flat()[0]?.value;
  if (typeof value !== "string") throw new Error(`There is no vector ${name} with a value in ${file}.`);
  return Buffer.from(value, "base64");
}

/** All that can be read of the PFX files in the vectors: each certificate and each key (PKCS #8) once. */
export function material(): { readonly certificates: readonly Uint8Array[]; readonly keys: readonly Uint8Array[] } {
  const certificates = new Map<string, Uint8Array>();
  const keys = new Map<string, Uint8Array>();
  for (const file of ["certificate-secrets", "chains", "pfx-variants"])
    for (const { vault } of read(file))
      for (const { value, contentType } of Object.values(vault.secrets).flat()) {
        const answer =
          contentType === "application/x-pkcs12" ? pfxToPem(Buffer.from(value ?? "", "base64")) : undefined;
        for (const { type, bytes } of answer?.ok === true ? answer.blocks : [])
          if (type === "CERTIFICATE") certificates.set(Buffer.from(bytes).toString("hex"), bytes);
          else keys.set(Buffer.from(bytes).toString("hex"), pkcs8(bytes));
      }
  return { certificates: [...certificates.values()], keys: [...keys.values()] };
}

function pkcs8(der: Uint8Array): Uint8Array {
  const key = parsePrivateKey(der);
  if (key?.kind !== "rsa" && key?.kind !== "ec") throw new Error("A key of the vectors is neither RSA nor EC.");
  return marshalPkcs8(key);
}

function read(file: string): z.infer<typeof shape> {
  const url = new URL(`../../vectors/rendering/${file}.json`, import.meta.url);
  return shape.parse(JSON.parse(readFileSync(url, "utf8")));
}
