/**
 * The part of the driver's contract that is about rotation on: 1.5 polls, 1.6 reads the vault again when the kubelet
 * publishes a volume again. What is read from a Secret was rendered from the mounted files, so it speaks for them too.
 */

import assert from "node:assert/strict";
import { textAt } from "../../local/cluster/json.ts";
import {
  classOf,
  metadataText,
  quietMs,
  running,
  secretOf,
  touchAll,
  until,
  valueOf,
  write,
  writersOf,
} from "./driver-checks.ts";
import type { DriverCase, DriverSubject } from "./driver-subject.ts";

export function refreshCases(given: DriverCase): void {
  const whileOn = (what: string, run: (subject: DriverSubject) => Promise<void>) => given(what, run, "on");

  whileOn("a new version reaches mounts and Secret by itself; statuses are changed in place", async (subject) => {
    const { cluster, vault } = subject;
    vault.set("color", "blue");
    await running(subject);
    const before = await statusUids(subject);
    const starts = (await subject.starts()).length;
    const version = vault.set("color", "green");
    await mountsShow(subject, version);
    await until(subject, "the new value", async () => (await valueOf(subject, "color")) === "green");
    assert.deepEqual(await statusUids(subject), before);
    assert.deepEqual(writersOf(await secretOf(subject)), { "csi-secrets-store": ["color"] });
    await touchAll(subject);
    await subject.pass(quietMs);
    assert.equal(await valueOf(subject, "color"), "green");
    assert.equal((await subject.starts()).length, starts, "no container was started");
    assert.equal((await cluster.pods(subject.namespace)).length, 2);
  });

  whileOn("the same value saved again reaches the statuses and leaves the Secret alone", async (subject) => {
    const { vault } = subject;
    vault.set("color", "blue");
    await running(subject);
    const { resourceVersion } = await secretOf(subject);
    await mountsShow(subject, vault.set("color", "blue"));
    await subject.pass(quietMs);
    assert.equal((await secretOf(subject)).resourceVersion, resourceVersion);
  });

  whileOn("a new version that the bridge writes at once stays while mounts catch up and after", async (subject) => {
    const { vault } = subject;
    vault.set("color", "blue");
    await running(subject);
    const version = vault.set("color", "green");
    const written = await write(subject, { color: "green" });
    await until(subject, "the mounts", async () => {
      assert.equal(await valueOf(subject, "color"), "green");
      return mountsAre(subject, version);
    });
    await touchAll(subject);
    await readAgain(subject, 4);
    assert.equal(await valueOf(subject, "color"), "green");
    assert.deepEqual(writersOf(await secretOf(subject)), writersOf(written));
  });

  whileOn("a foreign value: 1.5 takes it back at a poll, 1.6 at a look and not when it publishes", async (subject) => {
    const { generation, held, namespace, vault } = subject;
    vault.set("color", "blue");
    await running(subject, { replicas: 1 });
    const metadata = { labels: { mine: "yes" }, annotations: { mine: "yes" } };
    await held.patch("Secret", namespace, "app", { metadata }, "kubectl");
    await write(subject, { color: "foreign", extra: "x" });
    if (generation === "1.6") {
      await readAgain(subject, 2);
      assert.equal(await valueOf(subject, "color"), "foreign");
      assert.equal(await valueOf(subject, "extra"), "x");
      await touchAll(subject);
    }
    await until(subject, "the vault's value", async () => (await valueOf(subject, "color")) === "blue");
    assert.equal(await valueOf(subject, "extra"), undefined);
    const raw = await held.get("Secret", namespace, "app");
    assert.equal(textAt(raw, "metadata", "labels", "mine"), "yes");
    assert.equal(textAt(raw, "metadata", "annotations", "mine"), "yes");
  });

  whileOn("a Secret that was deleted comes back at a look, not at a poll or publish", async (subject) => {
    const { generation, held, namespace, vault } = subject;
    vault.set("color", "blue");
    await running(subject, { replicas: 1 });
    await held.delete("Secret", namespace, "app");
    await readAgain(subject, 2);
    assert.equal(await held.find("Secret", namespace, "app"), undefined);
    assert.equal((await subject.eventReasons()).has("SecretRotationFailed"), generation === "1.5");
    await touchAll(subject);
    await until(subject, "the Secret", async () => (await valueOf(subject, "color")) === "blue");
  });

  whileOn("a class that gains an object, keys and Secrets gets them all in pods that run", async (subject) => {
    const { held, namespace, vault } = subject;
    vault.set("color", "blue");
    vault.set("shape", "round");
    await running(subject);
    const starts = (await subject.starts()).length;
    const secrets = {
      app: { color: "color", again: "color", shape: "shape" },
      other: { x: "color" },
      third: { y: "shape" },
    };
    const { spec } = classOf(subject, ["color", "shape"], secrets);
    await held.patch("SecretProviderClass", namespace, "app", { spec }, "kubectl");
    await until(subject, "all of it", async () => {
      const values = [
        await valueOf(subject, "again"),
        await valueOf(subject, "shape"),
        await valueOf(subject, "x", "other"),
        await valueOf(subject, "y", "third"),
      ];
      return values.join() === "blue,round,blue,round";
    });
    assert.equal((await subject.starts()).length, starts);
  });

  whileOn("keys and Secrets of objects that are mounted already wait for a look; 1.5 polls keys", async (subject) => {
    const { generation, held, namespace, vault } = subject;
    vault.set("color", "blue");
    await running(subject, { replicas: 1 });
    const { spec } = classOf(subject, ["color"], { app: { color: "color", again: "color" }, other: { x: "color" } });
    await held.patch("SecretProviderClass", namespace, "app", { spec }, "kubectl");
    await readAgain(subject, 2);
    assert.equal(await valueOf(subject, "again"), generation === "1.5" ? "blue" : undefined);
    assert.equal(await held.find("Secret", namespace, "other"), undefined);
    await touchAll(subject);
    await until(subject, "the Secret", async () => (await valueOf(subject, "x", "other")) === "blue");
    await until(subject, "the key", async () => (await valueOf(subject, "again")) === "blue");
  });

  whileOn("one disabled object and nothing of its class rotates: 1.5 says so, 1.6 hides it", async (subject) => {
    const { cluster, generation, namespace, vault } = subject;
    const version = vault.set("color", "blue");
    vault.set("shape", "round");
    await running(subject, { objects: ["color", "shape"], replicas: 1 });
    vault.disable("shape");
    const newer = vault.set("color", "green");
    await write(subject, { color: "green" });
    await readAgain(subject, 6);
    assert.deepEqual(
      (await cluster.podStatuses(namespace)).map(({ versions }) => versions.get("secret/color")),
      [version],
    );
    assert.equal(await valueOf(subject, "color"), "green", "what the bridge wrote stays");
    const reasons = await subject.eventReasons();
    assert.equal(reasons.has("MountRotationFailed"), generation === "1.5");
    assert.equal(reasons.has("FailedMount"), false);
    vault.enable("shape");
    await mountsShow(subject, newer);
    await subject.pass(quietMs);
    assert.equal(await valueOf(subject, "color"), "green");
  });
}

async function mountsAre({ cluster, namespace }: DriverSubject, version: string): Promise<boolean> {
  const statuses = await cluster.podStatuses(namespace);
  return statuses.length > 0 && statuses.every(({ versions }) => versions.get("secret/color") === version);
}

async function mountsShow(subject: DriverSubject, version: string): Promise<void> {
  await until(subject, `version ${version} in all statuses`, () => mountsAre(subject, version));
}

/**
 * The driver has read the vault that often again, and done what it does then: the witness that a quiet case was not
 * quiet because nothing happened. The first of these reads may have been under way already.
 */
async function readAgain(subject: DriverSubject, times: number): Promise<void> {
  const wanted = subject.vault.reads() + times;
  await until(subject, `${times} reads of the vault`, async () => subject.vault.reads() >= wanted);
  await subject.pass(quietMs);
}

async function statusUids({ cluster, held, namespace }: DriverSubject): Promise<readonly string[]> {
  const uids: string[] = [];
  for (const { name } of await cluster.podStatuses(namespace)) {
    uids.push(metadataText(await held.get("SecretProviderClassPodStatus", namespace, name), "uid"));
  }
  return uids.sort();
}
