/** The law of writes: what the bridge puts into a Secret, and what it leaves as it was. */

import { at, isObject, listAt, objectAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { ClassObject } from "../../shared/core/provider-class.ts";
import { told } from "./calls.ts";
import { certificatesWith } from "./certificates.ts";
import { callKey, same } from "./changes.ts";
import type { Changes } from "./changes.ts";
import type { Looks } from "./looks.ts";
import { certificateName, vaultName } from "./names.ts";
import type { BridgeCall, Sim } from "./sim.ts";

export class WriteLaw {
  /** When the bridge last wrote each Secret, by `namespace/name`. */
  readonly wroteAt = new Map<string, number>();
  /** The keys that it has ever written: `namespace/name/key`. */
  readonly keys = new Set<string>();
  readonly #sim: Sim;
  readonly #changes: Changes;
  readonly #looks: Looks;
  readonly #break: (law: string) => void;
  /** What the Secrets of calls that are taking effect held before, by `namespace/name`. */
  readonly #before = new Map<string, JsonObject | undefined>();

  constructor(sim: Sim, changes: Changes, looks: Looks, broken: (law: string) => void) {
    this.#sim = sim;
    this.#changes = changes;
    this.#looks = looks;
    this.#break = broken;
  }

  writing({ kind, namespace, name }: BridgeCall): void {
    if (kind !== "Secret") return;
    this.#before.set(`${namespace}/${name}`, this.#sim.clusterOf(namespace).store.find(kind, namespace, name));
  }

  /**
   * Only keys that a class feeds, only bytes of a version that it feeds them with (since the look began: of the pinned
   * one, or of one that was current), and never older than what is there. Nothing else of the Secret changes.
   */
  written(call: BridgeCall): void {
    const { namespace, name } = call;
    const before = this.#before.get(`${namespace}/${name}`) ?? {};
    const after = this.#sim.clusterOf(namespace).store.find("Secret", namespace, name);
    const data = at(after, "data");
    if (!isObject(data)) return;
    for (const part of ["labels", "annotations", "ownerReferences"])
      if (!same(at(before, "metadata", part), at(after, "metadata", part)))
        this.#break(`${told(call)}: its ${part} have changed`);
    for (const key of Object.keys(objectAt(before, "data")))
      if (!(key in data)) this.#break(`${told(call)}: ${key} is gone`);
    const began = this.#looks.began(call) ?? 0;
    for (const [key, base64] of Object.entries(data)) {
      const old = textAt(before, "data", key);
      if (old === base64) continue;
      this.wroteAt.set(`${namespace}/${name}`, call.at);
      this.keys.add(`${namespace}/${name}/${key}`);
      // Who reads all keys has not got this one.
      if (old === "") this.#changes.cause(callKey(call));
      const fed = this.#changes.feeds.of(namespace, name, key, began);
      const fitting = fed.flatMap((feed) =>
        this.#fitting(feed, text(base64), began).map((version) => ({ feed, version })),
      );
      if (fitting.length === 0) {
        this.#break(`${told(call)}: ${key} holds bytes of no version that it is fed with`);
        continue;
      }
      // Bytes may come again (certificates take turns): the version is one of the time when the Secret got them, and that
      // of an old mount which holds them, for the driver puts its own back.
      const cameAt = this.#sim.secrets.cameAt(`${namespace}/${name}/${key}`, old) ?? 0;
      // A pin goes where its owner says, and which of two objects feeds a key is no order of versions.
      const isRight = fitting.some(({ feed, version }) => {
        if (feed.pin !== undefined) return true;
        const held = this.#versionsWith(feed.object.name, text(old)).filter(({ createdOn }) => createdOn <= cameAt);
        const mounted = held.length > 1 ? this.#mounted(namespace, feed.object.name) : new Set<string>();
        const had = held.find(({ version: one }) => mounted.has(one)) ?? held.at(-1);
        // Of two versions of one second nobody can tell which is the newer one; Key Vault itself gives them in any order.
        return had === undefined || version.createdOn >= had.createdOn;
      });
      if (!isRight) this.#break(`${told(call)}: ${key} goes back to version ${fitting.at(-1)?.version.version}`);
    }
  }

  /** The versions from which the bridge may have made these bytes for what feeds a key. */
  #fitting({ object, pin }: ClassObject, bytes: string, began: number) {
    if (object.vault !== vaultName) return [];
    const ever = this.#sim.vault.everVersions(vaultName, object.name);
    return this.#versionsWith(object.name, bytes).filter((version) => {
      if (pin !== undefined) return version.version === pin;
      const next = ever[ever.indexOf(version) + 1];
      // Versions have whole seconds.
      return next === undefined || next.createdOn + 1000 >= began || this.#sim.laggedUntil([object.name]) >= began;
    });
  }

  /** The versions of an object that pods of the namespace have mounted. */
  #mounted(namespace: string, object: string): ReadonlySet<string> {
    const statuses = this.#sim.clusterOf(namespace).store.list("SecretProviderClassPodStatus", namespace).items;
    const shown = statuses.flatMap((one) => listAt(one, "status", "objects"));
    const own = shown.filter((one) => textAt(one, "id").endsWith(`/${object}`));
    return new Set(own.map((one) => textAt(one, "version")));
  }

  /** The versions from which these bytes can have been made. */
  #versionsWith(object: string, bytes: string) {
    const values = object === certificateName ? certificatesWith(bytes) : [bytes];
    return this.#sim.vault.everVersions(vaultName, object).filter(({ value }) => values.includes(value));
  }
}

function text(base64: unknown): string {
  return typeof base64 === "string" ? Buffer.from(base64, "base64").toString() : "";
}
