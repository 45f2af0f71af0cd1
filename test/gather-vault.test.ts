import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../local/clock.ts";
import { vaultPort, type VaultCall } from "../local/key-vault/vault-port.ts";
import { VaultStore } from "../local/key-vault/vault-store.ts";
import type { ClassObject, ProviderClass } from "../shared/core/provider-class.ts";
import type { VaultReading } from "../shared/core/plan/plan-types.ts";
import { gatherVault } from "../shared/gather-vault.ts";
import { classOf, driverOf, noon, policyOf } from "./core/plan/builders.ts";

interface Street {
  readonly store: VaultStore;
  /** One line for each call, as `current a`. */
  readonly calls: string[];
  /** Runs within a call, after calls that were begun with it have ended. */
  during: (call: VaultCall) => void;
  readonly gather: (classes: readonly ProviderClass[], before?: VaultReading) => Promise<VaultReading>;
}

function street(): Street {
  const store = new VaultStore({ clock: new VirtualClock(), vaults: ["contoso"] });
  const calls: string[] = [];
  const vault = vaultPort(store, {
    before: async (call) => {
      calls.push(`${call.method} ${call.object.name}`);
      if (call.object.name !== "b") return;
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      made.during(call);
    },
  });
  const made: Street = {
    store,
    calls,
    during: () => undefined,
    gather: (classes, before) => {
      const seen = {
        workloads: [],
        pods: [],
        podStatuses: [],
        revisions: undefined,
        markersSince: undefined,
        secrets: new Map(),
      };
      const target = { cluster: "blue", namespace: "default" };
      const observed = { ...seen, target, at: noon, classes, driver: driverOf("1.6", "off") };
      return gatherVault(vault, observed, "all", policyOf(), before);
    },
  };
  for (const name of ["a", "b", "c"]) store.setSecret("contoso", name, `${name}-1`);
  return made;
}

/** Object -> its value, or why there is none. */
function said({ answers }: VaultReading): Record<string, string> {
  const text = new TextDecoder();
  return Object.fromEntries(
    [...answers].map(([key, answer]) => [
      key.replace("contoso/secret/", "").replace(/@.*/, "@"),
      answer.ok ? text.decode(answer.current.value.reveal()) : answer.problem,
    ]),
  );
}

function withHistory(item: ProviderClass, history: number): ProviderClass {
  assert.ok(item.content.ok);
  const deep = (object: ClassObject) => ({ ...object, history });
  return { ...item, content: { ...item.content, objects: item.content.objects.map(deep) } };
}

test("objects of a class that change between two reads are read again: all are of one moment", async () => {
  const here = street();
  let left = 1;
  here.during = () => {
    if (left-- <= 0) return;
    here.store.setSecret("contoso", "a", "a-2");
    here.store.setSecret("contoso", "b", "b-2");
  };
  assert.deepEqual(said(await here.gather([classOf("kv", ["a", "b"], {})])), { a: "a-2", b: "b-2" });
  assert.equal(here.calls.length, 6);
});

test("a vault that changes at every read gives nothing for that class, and everything for another", async () => {
  const here = street();
  here.during = () => void here.store.setSecret("contoso", "a", "a-more");
  const reading = await here.gather([classOf("moving", ["a", "b"], {}), classOf("still", ["c"], {})]);
  assert.deepEqual(said(reading), { a: "unavailable", b: "unavailable", c: "c-1" });
  assert.equal(here.calls.filter((call) => call === "current a").length, 4);
});

test("one object is read once, several twice, and once where the reading before says the same", async () => {
  const here = street();
  await here.gather([classOf("one", ["c"], {})]);
  assert.deepEqual(here.calls.splice(0), ["current c"]);
  const classes = [classOf("two", ["a", "b"], {})];
  const first = await here.gather(classes);
  assert.equal(here.calls.splice(0).length, 4);
  await here.gather(classes, first);
  assert.equal(here.calls.splice(0).length, 2);
  here.store.setSecret("contoso", "a", "a-2");
  assert.deepEqual(said(await here.gather(classes, first)), { a: "a-2", b: "b-1" });
  assert.equal(here.calls.length, 4);
});

test("a class with one object is not read again for its neighbour with several", async () => {
  const here = street();
  const classes = [classOf("two", ["a", "b"], {}), classOf("one", ["c"], {})];
  assert.deepEqual(said(await here.gather(classes)), { a: "a-1", b: "b-1", c: "c-1" });
  assert.deepEqual(here.calls.toSorted(), ["current a", "current a", "current b", "current b", "current c"]);
});

test("what the vault refuses is asked again like anything else, but not what it throttles", async () => {
  const here = street();
  const classes = [classOf("kv", ["a", "missing"], {})];
  assert.deepEqual(said(await here.gather(classes)), { a: "a-1", missing: "not-found" });
  assert.equal(here.calls.splice(0).length, 4);
  here.store.faults.add({ name: "missing" }, { kind: "throttled", retryAfterSeconds: 3600 });
  assert.deepEqual(said(await here.gather(classes)), { a: "a-1", missing: "throttled" });
  assert.equal(here.calls.length, 2);
});

test("of an object with history the list comes first, and the versions it names are of one moment with it", async () => {
  const here = street();
  here.store.setSecret("contoso", "b", "b-2", { createdOn: here.store.clock.now() + 60_000 });
  let left = 3;
  here.during = ({ method }) => {
    if (method !== "current" || left-- !== 3) return;
    const [oldest] = here.store.versions("contoso", "b");
    here.store.disable("contoso", "b", oldest?.version ?? "");
  };
  const reading = await here.gather([withHistory(classOf("kv", ["b"], {}), 2)]);
  assert.deepEqual([...reading.lists.keys()], ["contoso/secret/b"]);
  assert.deepEqual(said(reading), { "b@": "b-2" });
  assert.equal(here.calls[0], "versions b");
});

test("a vault that the map does not let flow here is not asked", async () => {
  const here = street();
  const item = classOf("kv", ["a"], {});
  assert.ok(item.content.ok);
  const elsewhere = { ...item, content: { ...item.content, vault: "other" } };
  assert.deepEqual(said(await here.gather([elsewhere])), {});
  assert.deepEqual(here.calls, []);
});
