/**
 * Where the bridge departs from upstream on purpose, by the name of the vector; docs/rendering.md holds the same lists.
 * Never a pattern: a new case deviates only if a person puts its name here.
 */

export interface Deviation {
  /** Name of the Secret that is refused. */
  readonly secret: string;
  /** `unloadable`: `tls.createSecureContext` refuses what the driver makes. Else the harm in words. */
  readonly harm: string;
}

export const otherAlgorithm = "the key and the first certificate are of different algorithms: no handshake succeeds";

const secret = (name: string): Deviation => ({ secret: name, harm: "unloadable" });

export const deviations: ReadonlyMap<string, Deviation> = new Map([
  // No key in tls.key.
  ["key-as-tls-key", secret("t")],
  ["tls-rsa-pss-key", secret("out-tls")],
  ["tls-ec-parameters-after", secret("out-tls")],
  ["tls-ec-explicit-parameters", secret("out-tls")],
  ["tls-encrypted-pkcs8", secret("out-tls")],
  ["tls-dsa", secret("out-tls")],
  ["tls-public-key-last", secret("out-tls")],
  // The key does not fit the first certificate.
  ["chain-off-ril", secret("web-tls")],
  ["chain-missing-intermediate-rl", secret("web-tls")],
  ["chain-duplicate-leaf", secret("web-tls")],
  ["chain-duplicate-intermediate", secret("web-tls")],
  ["chain-leaf-without-aki", secret("web-tls")],
  ["chain-two-leafs", secret("web-tls")],
  ["chain-pem-not-touched", secret("web-tls")],
  ["tls-chain-file-order", secret("out-tls")],
  // No certificate, or one that is none.
  ["chain-bad-der-off", secret("web-tls")],
  ["tls-empty-certificate-block", secret("out-tls")],
  ["tls-certificate-garbage-der", secret("out-tls")],
  ["tls-binary-pfx-no-certificate", secret("out-tls")],
  // The key is of another algorithm than the first certificate. OpenSSL loads both and then fails every handshake.
  ["pfx-two-keys", { secret: "web-tls", harm: otherAlgorithm }],
  ["chain-cross-signed", { secret: "web-tls", harm: otherAlgorithm }],
  ["tls-missing-end", { secret: "out-tls", harm: otherAlgorithm }],
  ["tls-duplicate-entry", { secret: "out-tls", harm: otherAlgorithm }],
  // The driver renders it and fails to create it.
  ["name-blank", { secret: "", harm: "a Secret without a name, which the API server refuses" }],
]);

/**
 * TLS Secrets that are rendered as the driver makes them although OpenSSL takes none of them: other readers (Go, for one)
 * do, and who uses them today would lose the next version. Vector -> OpenSSL's words (Node 24, OpenSSL 3.5).
 */
export const renderedThoughOpenSslRefuses: ReadonlyMap<string, string> = new Map([
  ["pfx-format-pfx-base64", "error:0480006B:PEM routines::not proc type"],
  ["tls-binary-pfx", "error:0480006B:PEM routines::not proc type"],
  ["friendly-name-newline-in-secret", "error:0480006B:PEM routines::not proc type"],
  ["tls-certificate-with-headers", "SSL_CTX_use_certificate_chain"],
  ["rsa-1024-key", "error:0A00018F:SSL routines::ee key too small"],
]);
