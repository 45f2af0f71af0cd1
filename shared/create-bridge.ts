/** The product, put together from its ports. */

import type { Bridge } from "./bridge.ts";
import { parseTargetMessage } from "./core/parse-message.ts";
import { readMessage } from "./core/secret-event.ts";
import { targetKey } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { parseReconcileMessage } from "./core/reconcile/message.ts";
import { LookBook } from "./look-book.ts";
import { Reconciler } from "./reconcile.ts";
import { Rotation } from "./rotate.ts";
import type { RotatePorts } from "./rotate.ts";

export function createBridge(ports: RotatePorts): Bridge {
  const book = new LookBook();
  const rotation = new Rotation(ports, book);
  const reconciler = new Reconciler(rotation, book, ports);
  return {
    onMessage: async (body) => {
      const timer = parseReconcileMessage(body);
      if (timer === undefined) return rotation.onMessage(body);
      // Ticks that piled up while nobody listened are one tick, and so is one that comes twice.
      if (reconciler.hasBegunSince(timer.at))
        return { ignored: [{ reason: "older-pass", about: "timer" }], targets: [] };
      await reconciler.pass();
      return { ignored: [], targets: [] };
    },
    reconcile: () => reconciler.pass(),
    onPoison: async (body, info) => {
      ports.log.error("given-up", { about: namesIn(body), dequeueCount: info.dequeueCount });
    },
  };
}

/** What a message was about, as far as it can be read; never its text. */
function namesIn(body: unknown): readonly string[] {
  const message = parseTargetMessage(body);
  if (message !== undefined) return [targetKey(message.target)];
  if (parseReconcileMessage(body) !== undefined) return ["timer"];
  return readMessage(body).events.flatMap((event) => event.objects.map((object) => objectKey(object)));
}
