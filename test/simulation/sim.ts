/**
 * One seed's world in virtual time: clusters, a vault, the queue, and instances of the bridge that come and go. The
 * product's own code runs unchanged over its ports; chance decides how long each call takes, and so what meets what.
 */

import { VirtualClock } from "../../local/clock.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import type { SetOptions } from "../../local/key-vault/stored-version.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { MessageQueue } from "../../local/message-queue.ts";
import { reconcileMessage } from "../../shared/core/reconcile/message.ts";
import type { RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import type { History, LogFields } from "../../shared/ports.ts";
import { firstCertificate, renewed } from "./certificates.ts";
import { FaultyVault } from "./faulty-vault.ts";
import { Instance } from "./instance.ts";
import { mapOf } from "./map.ts";
import type { Random } from "./random.ts";
import { type RemoteCall, RemoteFaults } from "./remote-faults.ts";
import { certificateName, objectNames, turningKey, vaultName } from "./names.ts";
import { SecretHistory } from "./secret-history.ts";
import { SecretReads } from "./secret-reads.ts";
import { type Shape } from "./shape.ts";
import { type OddClassSpec, type Space } from "./space.ts";
import { manifestsOf } from "./space.ts";
import { Tally } from "./tally.ts";

/** A line of an instance's log. */
export interface Said {
  readonly at: number;
  readonly instance: number;
  readonly event: string;
  readonly fields: LogFields;
}

export interface BridgeCall extends RemoteCall {
  readonly instance: number;
  readonly at: number;
}

/** Listens to what an instance does; see laws.ts. */
export interface Watcher {
  said(line: Said): void;
  /** Right before a call takes effect. */
  calling(call: BridgeCall): void;
  /** Right after a call took effect, before its answer is on its way. */
  called(call: BridgeCall): void;
}

/** How events reach the queue; acts change it. `shuffleMs`: each one is held up by its own time up to this. */
export interface EventsWay {
  readonly lost: number;
  readonly twice: number;
  readonly delayMs: number;
  readonly shuffleMs: number;
}

type ContainerStart = LocalCluster["starts"][number];

const minute = 60_000;
const smooth: EventsWay = { lost: 0, twice: 0, delayMs: 300, shuffleMs: 0 };

export class Sim {
  readonly shape: Shape;
  readonly clock = new VirtualClock();
  readonly startedAt = this.clock.now();
  /** In half of the worlds every pass of the timer looks at everything; in the others it must tell what needs a look. */
  readonly deepEveryMs: number;
  readonly tally = new Tally();
  readonly random: Random;
  readonly vault: FaultyVault;
  readonly clusters: ReadonlyMap<string, LocalCluster>;
  readonly queue: MessageQueue;
  readonly history: History = createMemoryHistory();
  readonly faults: RemoteFaults;
  readonly map: RotationMap;
  watcher: Watcher | undefined;
  /** Hears of everything that a trace tells; undefined where nobody reads one. */
  note: ((text: string) => void) | undefined;
  events: EventsWay = smooth;
  readonly reads = new SecretReads();
  readonly secrets: SecretHistory;
  /** Secrets (`namespace/name`) that a person has made immutable, or taken the driver's label from, and when. */
  readonly disowned = new Map<string, number>();
  /** The next calls at which an instance dies; counted over all instances. */
  readonly deaths: { calls: number; side: "before" | "after" }[] = [];
  /** Which object feeds `turningKey` now. */
  turning: string;
  /** When a person last said `rotate`, by object. */
  readonly askedAt = new Map<string, number>();
  steps = 0;
  readonly #spaces: ReadonlyMap<string, Space>;
  readonly #lags = new Map<string, number>();
  readonly #instances: Instance[] = [];
  readonly #lastStarts = new Map<string, ContainerStart>();
  readonly #startsRead = new Map<LocalCluster, number>();
  #versions = 0;

  constructor(shape: Shape, random: Random) {
    this.shape = shape;
    this.turning = shape.spaces.flatMap(({ classes }) => classes.flatMap(turningObjects))[0] ?? "";
    this.deepEveryMs = shape.installedAt < minute ? 30 * minute : 0;
    this.random = random;
    this.map = mapOf(shape);
    this.faults = new RemoteFaults(random.fork(), this.tally, (text) => this.note?.(text));
    this.vault = new FaultyVault(this.clock, [vaultName, "other"], this.tally);
    for (const vault of [vaultName, "other"]) {
      for (const name of objectNames)
        this.vault.setSecret(vault, name, valueOf(vault, name, 0), { createdOn: this.startedAt - 86_400_000 });
    }
    if (shape.certificates)
      this.vault.setCertificate(vaultName, certificateName, firstCertificate, {
        createdOn: this.startedAt - 86_400_000,
      });
    this.#spaces = new Map(shape.spaces.map((space) => [space.namespace, space]));
    const names = [...new Set(shape.spaces.map(({ cluster }) => cluster))];
    this.clusters = new Map(names.map((name) => [name, this.#newCluster(name)]));
    this.secrets = new SecretHistory(this.clock, this.clusters.values());
    this.queue = new MessageQueue(this.clock, 2000);
    for (const space of shape.spaces)
      for (const manifest of manifestsOf(space)) this.clusterOf(space.namespace).apply(manifest);
    this.vault.onNewVersion(({ vault, name, version, type }) =>
      this.#announce(newVersionEvent(vault, name, version, "event-grid", type)),
    );
  }

  /** Milliseconds since the world began. */
  get elapsed(): number {
    return this.clock.now() - this.startedAt;
  }

  /** Until then nobody can know what the vault really holds of any of these; before time began if everybody can. */
  laggedUntil(objects: Iterable<string>): number {
    return Math.max(0, ...[...objects].map((object) => this.#lags.get(object) ?? 0));
  }

  lag(object: string, until: number): void {
    this.#lags.set(object, Math.max(this.laggedUntil([object]), until));
  }

  /** The cluster of a namespace. */
  clusterOf(namespace: string): LocalCluster {
    const cluster = this.clusters.get(this.#spaces.get(namespace)?.cluster ?? "blue");
    if (cluster === undefined) throw new Error(`No cluster has a namespace ${namespace}.`);
    return cluster;
  }

  space(namespace: string): Space | undefined {
    return this.#spaces.get(namespace);
  }

  /** What the pod's container was last started with. */
  lastStart(namespace: string, podUid: string): ContainerStart | undefined {
    const cluster = this.clusterOf(namespace);
    const { starts, name } = cluster;
    let read = this.#startsRead.get(cluster) ?? 0;
    for (; read < starts.length; read += 1) {
      const start = starts[read];
      if (start !== undefined) this.#lastStarts.set(`${name}/${start.podUid}`, start);
    }
    this.#startsRead.set(cluster, read);
    return this.#lastStarts.get(`${name}/${podUid}`);
  }

  /** A new version with a value of its own, or with the value of the version before. */
  newVersion(object: string, same: boolean, dates: SetOptions = {}): void {
    const before = this.vault.versions(vaultName, object).at(-1)?.value;
    this.#versions += 1;
    if (object === certificateName) {
      const turn = this.vault.versions(vaultName, certificateName).length;
      this.vault.setCertificate(vaultName, certificateName, renewed(turn).parts, dates);
      return;
    }
    const value = same && before !== undefined ? before : valueOf(vaultName, object, this.#versions);
    this.vault.setSecret(vaultName, object, value, dates);
  }

  /** Starts all instances, and their timer. */
  install(): void {
    this.shape.skewMs.forEach((skew, id) => {
      if (skew !== 0) this.tally.add("fault clock skew");
      this.#start(id);
    });
    const every15 = () => {
      const tick = reconcileMessage(this.clock.now());
      this.queue.put(tick);
      if (this.random.chance(0.2)) this.queue.put(tick, this.random.int(0, 90) * 1000);
      this.clock.after(15 * minute, every15);
    };
    this.clock.after(15 * minute, every15);
  }

  /** Nothing goes wrong any more on the way of events and calls. */
  calm(): void {
    this.events = smooth;
    this.deaths.length = 0;
  }

  stop(): void {
    for (const cluster of this.clusters.values()) cluster.stop();
  }

  #newCluster(name: string): LocalCluster {
    const { shape, clock } = this;
    const provider = vaultPort(this.vault.ofProviders);
    return new LocalCluster({
      clock,
      name,
      generation: shape.generation,
      rotation: shape.rotation,
      vault: provider,
      reloader: shape.reloader,
      secretCacheMs: shape.secretCacheMs,
      driverVisible: shape.driverVisible,
      // Nobody here watches from an older version on, and kept objects only burden the garbage collector.
      watchHistory: 1,
      timing: shape.fast ? { startDelayMs: 200, readyAfterMs: 300, stopDelayMs: 200 } : { readyAfterMs: 1200 },
    });
  }

  #announce(event: object): void {
    const { random, events } = this;
    if (random.chance(events.lost)) return this.tally.add("fault event lost");
    const times = random.chance(events.twice) ? random.int(2, 3) : 1;
    if (times > 1) this.tally.add("fault event repeated", times - 1);
    if (events.shuffleMs > 0) this.tally.add("fault event reordered");
    for (let time = 0; time < times; time += 1) {
      const late = times === 1 ? 0 : random.int(0, 12) * 30_000;
      this.queue.put(event, events.delayMs + random.int(0, events.shuffleMs) + late);
    }
  }

  #start(id: number): void {
    this.#instances[id] = new Instance(id, this, () => {
      this.note?.(`instance ${id} dies`);
      this.reads.died(id);
      this.clock.after(this.random.int(1, 60) * 1000, () => this.#start(id));
    });
  }
}

function turningObjects({ secrets = {} }: OddClassSpec): readonly string[] {
  return Object.values(secrets).flatMap((data) => data[turningKey] ?? []);
}

/** Every value tells which version it is of, and can be searched for. */
export function valueOf(vault: string, object: string, counter: number): string {
  return `value-of-${vault}-${object}-${counter}-9f3c`;
}
