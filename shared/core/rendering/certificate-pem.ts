/** The file of an object of type `cert`. */

import { pemOf } from "../go/pem.ts";
import { SecretValue } from "../secret-value.ts";

/** The certificate alone, without its chain; its bytes are not read (the provider's getCert). */
export function certificatePem(der: SecretValue): SecretValue {
  return SecretValue.fromBytes(pemOf("CERTIFICATE", der.reveal()));
}
