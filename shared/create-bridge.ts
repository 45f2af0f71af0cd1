/** The product, put together from its ports. */

import type { Bridge } from "./bridge.ts";
import { parseTargetMessage } from "./core/parse-message.ts";
import { readMessage } from "./core/secret-event.ts";
import { targetKey } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { reconcileAll } from "./reconcile.ts";
import { Rotation } from "./rotate.ts";
import type { RotatePorts } from "./rotate.ts";

export function createBridge(ports: RotatePorts): Bridge {
  const rotation = new Rotation(ports);
  return {
    onMessage: (body) => rotation.onMessage(body),
    reconcile: () => reconcileAll(rotation, ports),
    onPoison: async (body, info) => {
      ports.log.error("given-up", { about: namesIn(body), dequeueCount: info.dequeueCount });
    },
  };
}

/** What a message was about, as far as it can be read; never its text. */
function namesIn(body: unknown): readonly string[] {
  const message = parseTargetMessage(body);
  if (message !== undefined) return [targetKey(message.target)];
  return readMessage(body).events.flatMap((event) => event.objects.map((object) => objectKey(object)));
}
