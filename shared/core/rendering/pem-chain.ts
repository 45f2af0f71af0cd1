/** The order in which the provider writes the certificates of a PFX where `--construct-pem-chain` is on. */

import { DerError } from "../go/der-content.ts";
import { parseCertificate } from "../go/x509/certificate.ts";

/**
 * `fetchCertChains` of the provider (pkg/provider/provider.go v1.8.2): leaf first, then each certificate's issuer, by key
 * ids only. The order stays as it is where that path leaves one out. Throws Refusal where the provider gives an error.
 */
export function orderChain(certificates: readonly Uint8Array[]): readonly Uint8Array[] {
  const keyIds = certificates.map((der) => parseCertificate(der));
  const issuers = keyIds.map(({ authority }, index) =>
    keyIds.findIndex(({ subject }, other) => other !== index && names(authority, subject)),
  );
  const leaf = keyIds.findIndex((_, index) => !issuers.includes(index));
  if (leaf === -1) throw new DerError("none of its certificates is the leaf of a chain");
  const chain: Uint8Array[] = [];
  for (let at: number | undefined = leaf; at !== undefined && at !== -1; at = issuers[at]) {
    if (chain.length === certificates.length) throw new DerError("its certificates issue one another in a circle");
    chain.push(certificates[at] ?? new Uint8Array());
  }
  return chain.length === certificates.length ? chain : certificates;
}

/** An id that is not there counts as empty, but two of that kind name nothing. */
function names(authority: Uint8Array | undefined, subject: Uint8Array | undefined): boolean {
  if (authority === undefined && subject === undefined) return false;
  return Buffer.compare(authority ?? new Uint8Array(), subject ?? new Uint8Array()) === 0;
}
