/** Values that must not be seen, and the list of them. */

import { randomBytes } from "node:crypto";
import type { Secret } from "./leaks.ts";

/** Every secret so far. */
export const secrets: Secret[] = [];
/** A value like no other, whose encodings differ from itself. */
export function sentinel(name: string): string {
  const half = () => `${randomBytes(15).toString("base64url")}+/é & ${randomBytes(6).toString("base64url")}`;
  return hidden(name, `${half()}=${half()}`);
}

/** Takes a value that is secret for whatever reason. */
export function hidden(name: string, value: string): string {
  secrets.push({ name, value });
  return value;
}

export const hexText = (name: string) => hidden(name, randomBytes(24).toString("hex"));

/** base64 in the vault, bytes in the Secret. */
export function binary(name: string): string {
  const bytes = randomBytes(48);
  secrets.push({ name: `${name}, decoded`, value: bytes });
  return hidden(name, bytes.toString("base64"));
}

/** A certificate that is none: the vault's text goes through the PEM and PFX readers. */
export const certificate = (name: string) =>
  `-----BEGIN CERTIFICATE-----\n${sentinel(name)}\n-----END CERTIFICATE-----\n`;
