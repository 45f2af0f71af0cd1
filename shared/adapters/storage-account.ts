/** How the app reaches its storage account. Connection strings are for local use; production uses an identity. */

import type { TokenCredential } from "@azure/identity";

export type StorageAccount =
  | { readonly kind: "connection-string"; readonly connectionString: string }
  /** `queueUrl` and `tableUrl` are the service endpoints, such as `https://<account>.queue.core.windows.net`. */
  | {
      readonly kind: "identity";
      readonly queueUrl: string;
      readonly tableUrl: string;
      readonly credential: TokenCredential;
    };
