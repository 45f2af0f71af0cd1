/** Of a JWK only what a vault ever shows of a key. */

import { z } from "zod";

const members = z.object({
  kty: z.string(),
  crv: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});

/** Throws if the text is no JWK. */
export function publicJwk(text: string): string {
  return JSON.stringify(members.parse(JSON.parse(text)));
}
