/**
 * A self-signed certificate for 127.0.0.1 and localhost, for stand-ins that clients speak HTTPS to. Node can't build
 * certificates and openssl need not be there, so the few DER structures (RFC 5280) are written here.
 */

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface SelfSigned {
  /** PEM, as `https.createServer` takes them. `cert` is also what a client has to trust. */
  readonly key: string;
  readonly cert: string;
}

/** P-256, valid from 2020 to 2049. The private key lives only in the answer. */
export function selfSignedCertificate(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid("550403"), tlv(0x0c, Buffer.from("localhost")))));
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const validity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"));
  const alternatives = sequence(tlv(0x82, Buffer.from("localhost")), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    // basicConstraints, critical: a root that clients can be told to trust.
    sequence(oid("551d13"), tlv(0x01, Buffer.from([0xff])), octets(sequence(tlv(0x01, Buffer.from([0xff]))))),
    sequence(oid("551d11"), octets(alternatives)),
  );
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions),
  );
  const certificate = sequence(body, algorithm, tlv(0x03, Buffer.concat([zero, sign("sha256", body, privateKey)])));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines(certificate.toString("base64"))}\n-----END CERTIFICATE-----\n`,
  };
}

const zero = Buffer.from([0]);

function tlv(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x31, Buffer.concat(parts));
}

function integer(bytes: Uint8Array): Buffer {
  return tlv(0x02, bytes);
}

function octets(content: Uint8Array): Buffer {
  return tlv(0x04, content);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

function utcTime(text: string): Buffer {
  return tlv(0x17, Buffer.from(text));
}

function lines(base64: string): string {
  return base64.replaceAll(/(.{64})(?=.)/g, "$1\n");
}
