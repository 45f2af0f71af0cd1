/**
 * A world in one process and in virtual time: vaults, clusters, the queue, and one or more instances of the bridge. The
 * product's own code runs unchanged over the ports.
 */

import assert from "node:assert/strict";
import { VirtualClock } from "../../local/clock.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import type { VaultRead } from "../../local/cluster/csi/mounts.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import type { EventSchema } from "../../local/key-vault/events.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { SetOptions, StoredVersion } from "../../local/key-vault/stored-version.ts";
import { MessageQueue } from "../../local/message-queue.ts";
import type { MessageResult } from "../../shared/bridge.ts";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import type { History } from "../../shared/ports.ts";
import { startInstance } from "./instance.ts";
import type { Instance } from "./instance.ts";
import type { Call, Hook } from "./remote-call.ts";
import { lastOutcome, outcomeText, timelineText } from "./world-log.ts";
import type { LogLine } from "./world-log.ts";
import { mapOf } from "./world-options.ts";
import type { MapOptions, WorldOptions } from "./world-options.ts";

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
  start(changes: MapOptions = {}, history: History = this.history): Instance {
    return startInstance(this, {
      map: mapOf(this.clusters.keys(), { ...this.options, ...changes }),
      history,
      timeBudgetMs: this.options.timeBudgetMs ?? 240_000,
      deepEveryMs: this.options.deepEveryMs,
    });
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
    const said = lastOutcome(this.log.slice(this.#markedAt), className, target);
    return said === undefined ? undefined : outcomeText(said);
  }

  /** What the last outcome said of a class names. */
  about(className: string, target: string = "blue/default"): readonly string[] {
    const about = lastOutcome(this.log.slice(this.#markedAt), className, target)?.["about"];
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
    return timelineText(this.log);
  }

  stop(): void {
    for (const cluster of this.clusters.values()) cluster.stop();
  }
}

/** Runs a scenario on both driver generations. */
export const bothGenerations = ["1.5", "1.6"] as const;
