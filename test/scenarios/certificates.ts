/**
 * Certificates with what the real provider and driver made of them, from the recorded vectors; and what OpenSSL makes of
 * their public parts.
 */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { CertificateParts } from "../../local/key-vault/stored-version.ts";

export interface Certificate {
  readonly parts: CertificateParts;
  /** The file of objectType secret. */
  readonly file: string;
  /** `tls.crt` and `tls.key` of a TLS Secret made of that file. */
  readonly tls: { readonly crt: string; readonly key: string };
  /** The file of objectType cert. */
  readonly leaf: string;
  /** The file of objectType key. */
  readonly publicKey: string;
}

const named = z.array(z.looseObject({ name: z.string() }));

const shape = z.object({
  vault: z.object({
    secrets: z.object({
      "site-tls": z.tuple([
        z.object({ value: z.string(), contentType: z.enum(["application/x-pem-file", "application/x-pkcs12"]) }),
      ]),
    }),
  }),
  expect: z.object({
    mount: z.object({ files: z.object({ "site-tls": z.object({ base64: z.string() }) }) }),
    secrets: z.object({
      "web-tls": z.object({ data: z.object({ "tls.crt": z.string(), "tls.key": z.string() }) }),
    }),
  }),
});

/** A case of certificate-secrets.json whose one object makes a TLS Secret. */
export function recorded(name: string): Certificate {
  const vectors = new URL("../vectors/rendering/certificate-secrets.json", import.meta.url);
  const cases = named.parse(JSON.parse(readFileSync(vectors, "utf8")));
  const { vault, expect } = shape.parse(cases.find((vector) => vector.name === name));
  const [{ value, contentType }] = vault.secrets["site-tls"];
  const { data } = expect.secrets["web-tls"];
  const crt = decoded(data["tls.crt"]);
  const certificate = new X509Certificate(crt);
  const { publicKey } = certificate;
  return {
    parts: {
      value,
      contentType,
      cer: certificate.raw.toString("base64"),
      jwk: JSON.stringify(publicKey.export({ format: "jwk" })),
    },
    file: decoded(expect.mount.files["site-tls"].base64),
    tls: { crt, key: decoded(data["tls.key"]) },
    leaf: certificate.toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
