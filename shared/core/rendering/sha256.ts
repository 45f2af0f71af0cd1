/** What a value can be compared by without being shown. Of a short password it can be guessed, so it is no public name. */

import { createHash } from "node:crypto";
import type { SecretValue } from "../secret-value.ts";

/** In lower-case hex, as `sha256sum` and `openssl dgst -sha256` print it. */
export function sha256(value: SecretValue): string {
  return createHash("sha256").update(value.reveal()).digest("hex");
}
