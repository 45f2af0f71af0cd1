/** One instance of the bridge: its ports with chance in them, and its death at a remote call. */

import { clusterPort } from "../../local/cluster/cluster-port.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import type { Bridge } from "../../shared/bridge.ts";
import { createBridge } from "../../shared/create-bridge.ts";
import type { Cluster, Log, LogFields, WorkQueue } from "../../shared/ports.ts";
import type { RemoteCall } from "./remote-faults.ts";
import type { Sim } from "./sim.ts";

export class Instance {
  alive = true;
  readonly #id: number;
  readonly #sim: Sim;
  readonly #skew: number;
  readonly #onDeath: () => void;
  readonly #bridge: Bridge;
  readonly #stopListening: () => void;

  constructor(id: number, sim: Sim, onDeath: () => void) {
    this.#id = id;
    this.#sim = sim;
    this.#skew = sim.shape.skewMs[id] ?? 0;
    this.#onDeath = onDeath;
    const { clock } = sim;
    this.#bridge = createBridge({
      map: sim.map,
      clusters: new Map([...sim.clusters.keys()].map((name) => [name, this.#cluster(name)])),
      vault: vaultPort(sim.vault, { before: () => this.#asked() }),
      queue: this.#queue(),
      history: sim.history,
      clock: { now: () => clock.now() + this.#skew, id: () => clock.id(), sleep: (ms) => this.#sleep(ms) },
      log: this.#log(),
      timeBudgetMs: sim.shape.timeBudgetMs,
      deepEveryMs: sim.deepEveryMs,
      // What the garbage collector does is not of the seed.
      weakly: (version) => ({ deref: () => version }),
    });
    this.#stopListening = sim.queue.listen(async (body) => {
      const { ignored } = await this.#bridge.onMessage(body);
      for (const { reason } of ignored) sim.tally.add(`reason ${reason}`);
      if (!this.alive) await never();
    });
  }

  #cluster(name: string): Cluster {
    const cluster = this.#sim.clusters.get(name);
    if (cluster === undefined) throw new Error(`There is no cluster ${name}.`);
    return clusterPort(cluster, {
      before: (call) => this.#before({ target: "cluster", cluster: name, ...call }),
      after: (call) => this.#after({ target: "cluster", cluster: name, ...call }),
    });
  }

  #queue(): WorkQueue {
    const call = { target: "queue", cluster: "", verb: "send", kind: "message", namespace: "", name: "" } as const;
    return {
      send: async (message, delayMs) => {
        await this.#before(call);
        await this.#sim.queue.send(message, delayMs);
        await this.#after(call);
      },
    };
  }

  #log(): Log {
    const { tally, clock } = this.#sim;
    const log = (event: string, fields: LogFields) => {
      if (!this.alive) return;
      if (event === "outcome" && fields["reason"] !== undefined) tally.add(`reason ${String(fields["reason"])}`);
      if (event === "step") tally.add(`step ${String(fields["step"]).split(" ")[0] ?? ""}`);
      this.#sim.watcher?.said({ at: clock.now(), instance: this.#id, event, fields });
      this.#sim.note?.(`  ${this.#id} ${event} ${told(fields)}`);
    };
    return { info: log, warn: log, error: log };
  }

  async #asked(): Promise<void> {
    this.#sim.steps += 1;
    await this.#pause();
    await this.#gate("before");
  }

  async #before(call: RemoteCall): Promise<void> {
    const { clock, faults, watcher } = this.#sim;
    if (!this.alive) await never();
    this.#sim.steps += 1;
    await this.#pause();
    await this.#gate("before");
    await faults.before(call, clock.now(), (ms) => this.#sleep(ms));
    watcher?.calling({ ...call, instance: this.#id, at: clock.now() });
  }

  async #after(call: RemoteCall): Promise<void> {
    const { clock, faults, watcher } = this.#sim;
    watcher?.called({ ...call, instance: this.#id, at: clock.now() });
    await this.#gate("after");
    await this.#pause();
    faults.after(call, clock.now());
  }

  /** A part of the time that a call takes. */
  async #pause(): Promise<void> {
    const { random, shape } = this.#sim;
    if (random.chance(0.5)) await this.#sleep(random.int(1, shape.latencyMs));
  }

  async #gate(side: "before" | "after"): Promise<void> {
    const { deaths, steps, tally } = this.#sim;
    const [death] = deaths;
    if (this.alive && death !== undefined && death.side === side && steps >= death.calls) {
      deaths.shift();
      this.alive = false;
      this.#stopListening();
      tally.add(`fault crash ${side} a call takes effect`);
      this.#onDeath();
    }
    if (!this.alive) await never();
  }

  async #sleep(ms: number): Promise<void> {
    await this.#sim.clock.sleep(ms);
    if (!this.alive) await never();
  }
}

function told(fields: LogFields): string {
  const { target, class: name, outcome, reason, about, step, because, ...others } = fields;
  const words = [target, name, outcome, reason, step, ...[about ?? [], because ?? []].flat()];
  return [
    ...words.filter((word) => word !== undefined),
    ...(Object.keys(others).length > 0 ? [JSON.stringify(others)] : []),
  ].join(" ");
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
