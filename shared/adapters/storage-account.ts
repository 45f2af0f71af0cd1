/** How the app reaches its storage account. Connection strings are for local use; production uses an identity. */

import type { TokenCredential } from "@azure/identity";

export type StorageAccount =
  | { readonly kind: "connection-string"; readonly connectionString: string }
  | {
      readonly kind: "identity";
      /** Service endpoints, such as `https://<account>.queue.core.windows.net`; no table where no history is kept. */
      readonly queueUrl: string;
      readonly tableUrl: string | undefined;
      readonly credential: TokenCredential;
    };
