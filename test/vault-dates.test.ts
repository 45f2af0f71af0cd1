/** Dates of many objects for few requests. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../local/clock.ts";
import { vaultPort } from "../local/key-vault/vault-port.ts";
import { VaultStore } from "../local/key-vault/vault-store.ts";
import type { VaultObject } from "../shared/core/vault-object.ts";
import { VaultDates } from "../shared/vault-dates.ts";

const at = Date.UTC(2026, 0, 1);

/** A vault of `size` secrets, of which `used` (from the end of the list) are asked for. */
function setUp(size: number, used: number) {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock, vaults: ["contoso", "other"] });
  const name = (index: number) => `s-${String(index).padStart(4, "0")}`;
  for (let index = 0; index < size; index += 1) store.setSecret("contoso", name(index), "one", { createdOn: at });
  const objects = Array.from({ length: used }, (_, index) => secret(name(size - 1 - index)));
  const asked: string[] = [];
  const before = ({ method }: { readonly method: string }) => void asked.push(method);
  const dates = new VaultDates(vaultPort(store, { before }), clock);
  const read = async (which: readonly VaultObject[] = objects) => {
    asked.length = 0;
    const { stamps, ...rest } = await clock.until(dates.read(which));
    return { ...rest, troubled: [...rest.troubled], found: stamps.size, asked: new Set(asked) };
  };
  return { clock, store, objects, read };
}

function secret(name: string, vault: string = "contoso"): VaultObject {
  return { vault, type: "secret", name };
}

const costs: readonly (readonly [number, number, number, number])[] = [
  // objects in the vault, objects used, requests of the first pass, of each later one
  [120, 120, 5, 5],
  [100, 100, 4, 4],
  [101, 101, 5, 5],
  [1, 1, 1, 1],
  [100, 4, 4, 4],
  [1000, 3, 6, 3],
  [1000, 40, 40, 40],
];
for (const [size, used, first, later] of costs) {
  test(`${used} of ${size} objects cost ${first} requests, then ${later}: the list or each object, whichever is less`, async () => {
    const { read } = setUp(size, used);
    assert.deepEqual([(await read()).requests, (await read()).requests], [first, later]);
    assert.equal((await read()).found, used);
  });
}

test("a list that is forbidden is not asked for again for a day; each object is, by itself", async () => {
  const { clock, store, read } = setUp(30, 30);
  store.faults.add({ call: "objects" }, { kind: "forbidden" });
  assert.deepEqual(await read(), { requests: 31, troubled: [], found: 30, asked: new Set(["listed", "current"]) });
  store.faults.clear();
  assert.deepEqual(await read(), { requests: 30, troubled: [], found: 30, asked: new Set(["current"]) });
  await clock.advance(25 * 3_600_000);
  assert.deepEqual(await read(), { requests: 2, troubled: [], found: 30, asked: new Set(["listed"]) });
});

test("a vault that throttles is named and asked no further; the other one is read", async () => {
  const { store, objects, read } = setUp(30, 30);
  store.setSecret("other", "db", "one");
  store.faults.add({ vault: "contoso" }, { kind: "throttled" });
  const both = await read([...objects, secret("db", "other")]);
  assert.deepEqual(both, { requests: 2, troubled: [["contoso", "throttled"]], found: 1, asked: new Set(["listed"]) });
});

test("a vault that does not answer is asked no further: hundreds of time-outs would outlive the pass", async () => {
  const { store, read } = setUp(200, 100);
  store.faults.add({ call: "objects" }, { kind: "forbidden" });
  await read();
  store.faults.add({ vault: "contoso" }, { kind: "server-error" });
  const { requests, troubled } = await read();
  assert.deepEqual(troubled, [["contoso", "unavailable"]]);
  assert.ok(requests <= 16, `${requests} requests`);
});

test("objects that may not be read one by one are left out, and the vault is named", async () => {
  const { store, read } = setUp(3, 3);
  store.faults.add({ call: "objects" }, { kind: "forbidden" });
  store.faults.add({ name: "s-0001" }, { kind: "forbidden" });
  const { found, troubled } = await read();
  assert.deepEqual([found, troubled], [2, [["contoso", "forbidden"]]]);
});
