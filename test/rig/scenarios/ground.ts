/** What all modes share: Azurite, an identity endpoint, and the packed app. */

import { rm } from "node:fs/promises";
import { startAzurite } from "../../../local/azurite.ts";
import { startIdentityEndpoint } from "../../../local/identity.ts";
import type { Ground } from "../../end-to-end/app.ts";
import { type StorageFront, startStorageFront } from "../../end-to-end/storage-front.ts";
import { packApp } from "../../pack/packed-app.ts";

export interface SharedGround extends Ground {
  /** All apps' queues go through it. */
  readonly queueFront: StorageFront;
  close(): Promise<void>;
}

export async function startGround(): Promise<SharedGround> {
  const [azurite, identity, appDir] = await Promise.all([startAzurite(), startIdentityEndpoint(), packApp()]);
  const queueFront = await startStorageFront(azurite.queueUrl);
  return {
    azurite,
    identity,
    appDir,
    queueFront,
    connectionString: azurite.connectionString.replace(azurite.queueUrl, queueFront.url),
    close: async () => {
      await Promise.all([queueFront.close(), identity.close(), azurite.stop()]);
      await rm(appDir, { recursive: true, force: true });
    },
  };
}
