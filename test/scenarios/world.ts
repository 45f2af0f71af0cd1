/**
 * A world in one process and in virtual time: vaults, clusters, the queue, and one or more instances of the bridge. The
 * product's own code runs unchanged over the ports.
 */

import assert from "node:assert/strict";
import { VirtualClock } from "../../local/clock.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import type { LocalClusterOptions } from "../../local/cluster/cluster.ts";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import type { PortCall } from "../../local/cluster/cluster-port.ts";
import type { VaultRead } from "../../local/cluster/csi/mounts.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import type { EventSchema } from "../../local/key-vault/events.ts";
import { vaultPort, type VaultCall } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { SetOptions, StoredVersion } from "../../local/key-vault/stored-version.ts";
import { MessageQueue } from "../../local/message-queue.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import { createBridge } from "../../shared/create-bridge.ts";
import type { Bridge, MessageResult } from "../../shared/bridge.ts";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import type { Cluster, History, Log, LogFields, Vault } from "../../shared/ports.ts";

export interface WorldOptions extends Partial<Omit<LocalClusterOptions, "clock" | "vault" | "name">> {
  readonly generation: "1.5" | "1.6";
  /** Further clusters beside `blue`. */
  readonly clusters?: readonly string[];
  /** Lines of YAML put into the map's top level. */
  readonly map?: string;
  /** `mode`, at the top of the map. */
  readonly mode?: "observe" | "act";
  /** `withoutCage`, at the top of the map; true by default, because a local cluster enforces no policy. */
  readonly withoutCage?: boolean;
  /** Lines of YAML put into each cluster's entry of the map. */
  readonly clusterMap?: string;
  /** Entries of the map's `vaults`, as YAML; by default `contoso`, which may flow everywhere. */
  readonly vaultsMap?: string;
  /** What the drivers' mounts read instead of the vaults themselves. */
  readonly driverReads?: (read: VaultRead) => VaultRead;
  /** Vaults that exist; `contoso` and `other` by default. */
  readonly vaults?: readonly string[];
  /** From a new version to its event on the queue; undefined: no events. */
  readonly eventDelayMs?: number | undefined;
  readonly timeBudgetMs?: number;
  /** From one deep look of the timer to the next; the product's default where it is absent. */
  readonly deepEveryMs?: number;
  /** How often the queue is looked at; 500 ms by default. */
  readonly queuePollMs?: number;
}

export interface LogLine {
  readonly at: number;
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

export interface Call {
  readonly target: "cluster" | "vault" | "queue";
  readonly verb: string;
  readonly kind: string;
  readonly name: string;
  /** Of a call to a cluster; empty elsewhere. */
  readonly cluster: string;
  /** Of a call to a cluster; empty for the whole cluster. */
  readonly namespace: string;
  /** Of a call to a vault that names one. */
  readonly version: string | undefined;
}

/** Runs before each remote call of an instance; may throw a fault or never return. */
export type Hook = (call: Call) => void | Promise<void>;

export interface Instance {
  readonly bridge: Bridge;
  /** Its calls never return from now on, and it takes no messages any more. */
  kill(): void;
}

export class World {
  readonly clock = new VirtualClock();
  readonly startedAt = this.clock.now();
  readonly vault: VaultStore;
  readonly clusters = new Map<string, LocalCluster>();
  readonly queue: MessageQueue;
  readonly history: History = createMemoryHistory();
  readonly log: LogLine[] = [];
  readonly calls: Call[] = [];
  /** What became of each message that was taken from the queue and did not fail. */
  readonly results: MessageResult[] = [];
  readonly options: WorldOptions;
  #markedAt = 0;
  /** Asked before and after every remote call. */
  before: Hook = () => undefined;
  after: Hook = () => undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.vault = new VaultStore({ clock: this.clock, vaults: options.vaults ?? ["contoso", "other"] });
    const read = vaultPort(this.vault);
    for (const name of ["blue", ...(options.clusters ?? [])]) {
      const { generation, rotation = "off", driverReads = (plain: VaultRead) => plain, ...rest } = options;
      const mounts = driverReads(read);
      this.clusters.set(
        name,
        new LocalCluster({ clock: this.clock, name, generation, rotation, vault: mounts, ...rest }),
      );
    }
    this.queue = new MessageQueue(this.clock, options.queuePollMs);
    if (!("eventDelayMs" in options) || options.eventDelayMs !== undefined) {
      this.vault.onNewVersion(({ vault, type, name, version }) => {
        this.clock.after(options.eventDelayMs ?? 200, () =>
          this.queue.put(newVersionEvent(vault, name, version, "event-grid", type)),
        );
      });
    }
  }

  get blue(): LocalCluster {
    const blue = this.clusters.get("blue");
    assert.ok(blue);
    return blue;
  }

  /**
   * Starts an instance of the bridge that listens to the queue; `changes` of the map hold for this instance. `history`:
   * its own, where there is no table that instances share.
   */
  start(
    changes: Pick<WorldOptions, "mode" | "withoutCage" | "map" | "clusterMap" | "vaultsMap"> = {},
    history: History = this.history,
  ): Instance {
    let alive = true;
    const gate = async (call: Call, hook: Hook) => {
      if (!alive) await forever();
      await hook(call);
      if (!alive) await forever();
    };
    const recorded = async (call: Call) => {
      this.calls.push(call);
      await gate(call, this.before);
    };
    const described = (cluster: string, { verb, kind, name, namespace }: PortCall): Call => ({
      target: "cluster",
      cluster,
      verb,
      kind,
      name,
      namespace,
      version: undefined,
    });
    const clusters = new Map<string, Cluster>();
    for (const [name, cluster] of this.clusters) {
      clusters.set(
        name,
        clusterPort(cluster, {
          before: (call) => recorded(described(name, call)),
          after: (call) => gate(described(name, call), this.after),
        }),
      );
    }
    const vaultCall = ({ method, object, version }: VaultCall): Call => ({
      target: "vault",
      verb: method,
      kind: object.type,
      name: object.name,
      cluster: "",
      namespace: "",
      version,
    });
    const vault: Vault = vaultPort(this.vault, { before: (call) => recorded(vaultCall(call)) });
    const send = {
      target: "queue",
      verb: "send",
      kind: "message",
      name: "",
      cluster: "",
      namespace: "",
      version: undefined,
    } as const;
    const bridge = createBridge({
      map: this.#map({ ...this.options, ...changes }),
      clusters,
      vault,
      queue: {
        send: async (message, delayMs) => {
          await recorded(send);
          await this.queue.send(message, delayMs);
          await gate(send, this.after);
        },
      },
      history,
      clock: {
        now: () => this.clock.now(),
        id: () => this.clock.id(),
        sleep: async (ms) => {
          await this.clock.sleep(ms);
          if (!alive) await forever();
        },
      },
      log: this.#logger(() => alive),
      timeBudgetMs: this.options.timeBudgetMs ?? 240_000,
      deepEveryMs: this.options.deepEveryMs,
    });
    const deaf = this.queue.listen(async (body) => {
      const result = await bridge.onMessage(body);
      this.results.push(result);
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

  /** A new version, and its event a moment later. */
  set(name: string, value: string, options: SetOptions = {}, vault: string = "contoso"): StoredVersion {
    this.mark();
    return this.vault.setSecret(vault, name, value, options);
  }

  event(name: string, version: StoredVersion, schema: EventSchema = "event-grid", vault: string = "contoso"): object {
    return newVersionEvent(vault, name, version, schema);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Lets time pass until `true`, looking every 250 ms (or `everyMs`); fails after `atMostMs`. */
  async until(
    what: string,
    reached: () => boolean,
    atMostMs: number = 15 * 60_000,
    everyMs: number = 250,
  ): Promise<void> {
    const end = this.clock.now() + atMostMs;
    while (!reached()) {
      if (this.clock.now() >= end) assert.fail(`not within ${atMostMs} ms: ${what}\n${this.timeline()}`);
      await this.clock.advance(everyMs);
    }
  }

  /** Outcomes that were said before this moment do not count from here on. Each new version marks. */
  mark(): void {
    this.#markedAt = this.log.length;
  }

  /** The last outcome said of a class, as `converged`, `waiting(old-mount)`, ... */
  outcome(className: string, target: string = "blue/default"): string | undefined {
    const line = this.log
      .slice(this.#markedAt)
      .filter(
        (entry) =>
          entry.event === "outcome" && entry.fields["target"] === target && entry.fields["class"] === className,
      )
      .at(-1);
    return line === undefined ? undefined : outcomeText(line.fields);
  }

  /** What the last outcome said of a class names. */
  about(className: string, target: string = "blue/default"): readonly string[] {
    const line = this.log
      .slice(this.#markedAt)
      .filter(
        (entry) =>
          entry.event === "outcome" && entry.fields["target"] === target && entry.fields["class"] === className,
      )
      .at(-1);
    const about = line?.fields["about"];
    return Array.isArray(about) ? about.map(String) : [];
  }

  async untilOutcome(
    className: string,
    wanted: string,
    target: string = "blue/default",
    atMostMs?: number,
  ): Promise<void> {
    await this.until(`${target} ${className} ${wanted}`, () => this.outcome(className, target) === wanted, atMostMs);
  }

  /** The steps that were carried out, as `write Secret/app (k)`. */
  steps(kind: "write" | "restart" | "touch"): readonly string[] {
    return this.log
      .filter((line) => line.event === "step")
      .map((line) => String(line.fields["step"]))
      .filter((step) => step.startsWith(kind));
  }

  timeline(): string {
    const start = this.log[0]?.at ?? 0;
    return this.log
      .map(
        (line) =>
          `${((line.at - start) / 1000).toFixed(1)}s ${line.level} ${line.event} ${JSON.stringify(line.fields)}`,
      )
      .join("\n");
  }

  stop(): void {
    for (const cluster of this.clusters.values()) cluster.stop();
  }

  #map(options: WorldOptions) {
    const names = [...this.clusters.keys()];
    const text = [
      `mode: ${options.mode ?? "act"}`,
      `withoutCage: ${options.withoutCage ?? true}`,
      "vaults:",
      options.vaultsMap ?? `  - { name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }`,
      "clusters:",
      ...names.flatMap((name) => [
        `  - name: ${name}`,
        `    server: https://127.0.0.1:1`,
        `    token: { file: token }`,
        options.clusterMap ?? "",
      ]),
      options.map ?? "",
    ].join("\n");
    const parsed = parseRotationMap(text, "world.yaml");
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.map;
  }

  #logger(alive: () => boolean): Log {
    const put = (level: string) => (event: string, fields: LogFields) => {
      if (alive()) this.log.push({ at: this.clock.now(), level, event, fields });
    };
    return { info: put("info"), warn: put("warn"), error: put("error") };
  }
}

function outcomeText(fields: LogFields): string {
  const reason = fields["reason"];
  return reason === undefined ? String(fields["outcome"]) : `${String(fields["outcome"])}(${String(reason)})`;
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** Runs a scenario on both driver generations. */
export const bothGenerations = ["1.5", "1.6"] as const;
