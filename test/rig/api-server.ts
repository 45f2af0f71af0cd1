/** Only etcd, the API server and the driver's kinds: objects stay as they were written, since nobody works on them. */

import { type Api, connectApi } from "./api.ts";
import { type ControlPlane, startControlPlane, tokenOf } from "./control-plane.ts";
import { build, type Progress } from "./go-build.ts";
import { identities } from "./identities.ts";
import { installKinds } from "./install-driver.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

export interface ApiServer extends Pick<ControlPlane, "server" | "ca" | "admin" | "restartApiServer"> {
  readonly namespace: Namespace;
  readonly bridge: Api;
  readonly bridgeToken: string;
  stop(): Promise<void>;
}

/** Throws with why, and leaves nothing. */
export async function startApiServer(progress: Progress): Promise<ApiServer> {
  const namespace = await openNamespace();
  try {
    const built = await build("1.6.1", { progress, folder: namespace.folder });
    const all = identities([]);
    const { server, ca, admin, restartApiServer } = await startControlPlane(namespace, built.controlPlane, all);
    await installKinds(admin, built.driverManifests);
    const bridgeToken = tokenOf(all, "bridge");
    const bridge = connectApi(server, ca, bridgeToken);
    return {
      server,
      ca,
      admin,
      restartApiServer,
      namespace,
      bridge,
      bridgeToken,
      async stop() {
        await Promise.all([admin.close(), bridge.close()]);
        await namespace.close();
      },
    };
  } catch (error) {
    await namespace.close();
    throw error;
  }
}
