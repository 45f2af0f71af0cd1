import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import type { NewVersion } from "../../../local/key-vault/stored-version.ts";

test("two stores that live through the same hold the same versions", () => {
  const ids = [1, 2].map(() => {
    const store = new VaultStore({ clock: new VirtualClock() });
    return ["a", "b", "a"].map((name) => store.setSecret("shop", name, "value").version);
  });
  assert.deepEqual(ids[0], ids[1]);
  assert.equal(new Set(ids[0]).size, 3);
  for (const id of ids[0] ?? []) assert.match(id, /^[0-9a-f]{32}$/);
});

test("dates are the clock's whole seconds, and an older date does not become the newest version", async () => {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock });
  await clock.advance(1999);
  const now = store.setSecret("shop", "a", "now");
  assert.equal(now.createdOn, clock.now() - 999);
  const old = store.setSecret("shop", "A", "old", { createdOn: 5000 });
  assert.deepEqual(store.versions("SHOP", "a"), [old, now]);
});

test("listeners hear of each new version until they stop", () => {
  const store = new VaultStore({ clock: new VirtualClock() });
  const heard: NewVersion[] = [];
  const stop = store.onNewVersion((news) => heard.push(news));
  const version = store.setSecret("Shop", "Db", "value");
  store.disable("shop", "db", version.version);
  stop();
  store.setSecret("Shop", "Db", "value");
  assert.deepEqual(heard, [{ vault: "Shop", type: "secret", name: "Db", version }]);
});

test("a fault is met as often as it was asked for, by the requests in its scope", () => {
  const store = new VaultStore({ clock: new VirtualClock() });
  store.setSecret("shop", "a", "value");
  store.setSecret("shop", "b", "value");
  const kinds = (name: string, call: "get" | "list") =>
    store.answer("shop", name, call === "get" ? { call, version: undefined } : { call }).kind;
  store.faults.add({ vault: "Shop", name: "a", call: "get" }, { kind: "hang" }, 2);
  store.faults.add({ name: "b" }, { kind: "throttled" }, 1);
  assert.deepEqual(
    [kinds("a", "list"), kinds("a", "get"), kinds("a", "get"), kinds("a", "get")],
    ["list", "hang", "hang", "found"],
  );
  assert.deepEqual([kinds("b", "list"), kinds("b", "list")], ["error", "list"]);
  const stop = store.faults.add({}, { kind: "reset" });
  assert.equal(kinds("a", "get"), "reset");
  stop();
  assert.equal(kinds("a", "get"), "found");
});

test("a replica lags until its time has come", async () => {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock });
  const current = () => {
    const answer = store.answer("shop", "a", { call: "get", version: undefined });
    return answer.kind === "found" ? answer.version.value : answer.kind;
  };
  store.setSecret("shop", "a", "one");
  store.stale("shop", "a", { until: clock.now() + 1000 });
  assert.equal(current(), "error");
  store.stale("shop", "a", { until: clock.now() + 1000, without: "later" });
  store.setSecret("shop", "a", "two");
  assert.equal(current(), "one");
  await clock.advance(1000);
  assert.equal(current(), "two");
});
