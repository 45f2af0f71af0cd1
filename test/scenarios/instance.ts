/** One instance of the bridge in a world: the product's own code over the world's ports. */

import type { VirtualClock } from "../../local/clock.ts";
import type { LocalCluster } from "../../local/cluster/cluster.ts";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import type { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { MessageQueue } from "../../local/message-queue.ts";
import type { Bridge, MessageResult } from "../../shared/bridge.ts";
import type { RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import { createBridge } from "../../shared/create-bridge.ts";
import type { Cluster, History, Log, LogFields } from "../../shared/ports.ts";
import { clusterCall, queueCall, vaultCall } from "./remote-call.ts";
import type { Call, Hook } from "./remote-call.ts";
import type { LogLine } from "./world-log.ts";

export interface Instance {
  readonly bridge: Bridge;
  /** Its calls never return from now on, and it takes no messages any more. */
  kill(): void;
}

/** The world around it; what instances do is added to `calls`, `results` and `log`. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly clusters: ReadonlyMap<string, LocalCluster>;
  readonly vault: VaultStore;
  readonly queue: MessageQueue;
  readonly calls: Call[];
  readonly results: MessageResult[];
  readonly log: LogLine[];
  /** Asked anew at each call: scenarios change them on the way. */
  before: Hook;
  after: Hook;
}

export interface InstanceOptions {
  readonly map: RotationMap;
  readonly history: History;
  readonly timeBudgetMs: number;
  readonly deepEveryMs: number | undefined;
}

/** Starts an instance that listens to the queue. */
export function startInstance(world: Surroundings, options: InstanceOptions): Instance {
  let alive = true;
  const gate = async (call: Call, hook: Hook) => {
    if (!alive) await forever();
    await hook(call);
    if (!alive) await forever();
  };
  const before = async (call: Call) => {
    world.calls.push(call);
    await gate(call, world.before);
  };
  const after = (call: Call) => gate(call, world.after);
  const clusters = new Map<string, Cluster>(
    [...world.clusters].map(([name, cluster]) => [
      name,
      clusterPort(cluster, {
        before: (call) => before(clusterCall(name, call)),
        after: (call) => after(clusterCall(name, call)),
      }),
    ]),
  );
  const bridge = createBridge({
    ...options,
    clusters,
    vault: vaultPort(world.vault, { before: (call) => before(vaultCall(call)) }),
    queue: {
      send: async (message, delayMs) => {
        await before(queueCall);
        await world.queue.send(message, delayMs);
        await after(queueCall);
      },
    },
    clock: {
      now: () => world.clock.now(),
      id: () => world.clock.id(),
      sleep: async (ms) => {
        await world.clock.sleep(ms);
        if (!alive) await forever();
      },
    },
    log: logOf(world, () => alive),
  });
  const deaf = world.queue.listen(async (body) => {
    world.results.push(await bridge.onMessage(body));
    if (!alive) await forever();
  });
  return {
    bridge,
    kill: () => {
      alive = false;
      deaf();
    },
  };
}

function logOf({ log, clock }: Surroundings, alive: () => boolean): Log {
  const put = (level: string) => (event: string, fields: LogFields) => {
    if (alive()) log.push({ at: clock.now(), level, event, fields });
  };
  return { info: put("info"), warn: put("warn"), error: put("error") };
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}
