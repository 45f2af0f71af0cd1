/** The part of the driver's contract that is about the synced Secret and its writers. */

import assert from "node:assert/strict";
import { at, without } from "../../local/cluster/json.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { problem } from "./cluster-checks.ts";
import {
  install,
  liveStarts,
  restart,
  running,
  secretOf,
  settled,
  touchAll,
  valueOf,
  write,
  writersOf,
  quietMs,
} from "./driver-checks.ts";
import type { DriverCase } from "./driver-subject.ts";

export function secretCases(given: DriverCase): void {
  given(
    "a write of one key keeps other keys, labels and owners",
    async (subject) => {
      subject.vault.set("color", "blue");
      subject.vault.set("shape", "round");
      await running(subject, { objects: ["color", "shape"], data: { color: "color", shape: "shape" } });
      const read = () => subject.held.get("Secret", subject.namespace, "app");
      const before = await read();
      await write(subject, { color: "green" });
      const after = await read();
      assert.equal(await valueOf(subject, "color"), "green");
      assert.equal(await valueOf(subject, "shape"), "round");
      const kept = (object: typeof before) => [
        without(object, "data", "metadata"),
        at(object, "metadata", "labels"),
        at(object, "metadata", "ownerReferences"),
      ];
      assert.deepEqual(kept(after), kept(before));
    },
    "off",
  );

  given(
    "a write with an older resourceVersion is refused and changes nothing",
    async (subject) => {
      subject.vault.set("color", "blue");
      await running(subject);
      const { namespace, cluster, held } = subject;
      const { resourceVersion } = await secretOf(subject);
      await held.patch("Secret", namespace, "app", { metadata: { labels: { by: "others" } } }, "kubectl");
      const data = new Map([["color", SecretValue.fromText("green")]]);
      await problem(cluster.writeSecret(namespace, "app", data, resourceVersion), "conflict");
      assert.equal(await valueOf(subject, "color"), "blue");
    },
    "off",
  );

  given(
    "managedFields say who wrote a key and when; a write of the same keeps both",
    async (subject) => {
      subject.vault.set("color", "blue");
      subject.vault.set("shape", "round");
      await running(subject, { objects: ["color", "shape"], data: { color: "color", shape: "shape" } });
      assert.deepEqual(writersOf(await secretOf(subject)), { "csi-secrets-store": ["color", "shape"] });
      const wroteAt = subject.now();
      await write(subject, { color: "green" });
      const written = await secretOf(subject);
      assert.deepEqual(writersOf(written), { "rotation-bridge": ["color"], "csi-secrets-store": ["shape"] });
      const ours = written.writers.find(({ manager }) => manager === "rotation-bridge");
      assert.ok(ours !== undefined && ours.at >= wroteAt - 1000 && ours.at <= subject.now());
      await subject.pass(1100);
      const same = await write(subject, { color: "green" });
      assert.deepEqual([same.resourceVersion, same.writers], [written.resourceVersion, written.writers]);
      const data = { color: Buffer.from("green").toString("base64") };
      await subject.held.patch("Secret", subject.namespace, "app", { data }, "kubectl");
      assert.equal((await secretOf(subject)).resourceVersion, written.resourceVersion);
      await subject.held.patch("Secret", subject.namespace, "app", { metadata: { labels: { a: "b" } } }, "kubectl");
      assert.deepEqual(
        (await secretOf(subject)).writers.find(({ manager }) => manager === "rotation-bridge"),
        ours,
      );
    },
    "off",
  );

  given("a Secret without the driver's label is never touched", async (subject) => {
    const { namespace, held, vault } = subject;
    vault.set("color", "blue");
    const data = { color: Buffer.from("mine").toString("base64") };
    const before = await held.put("Secret", { metadata: { namespace, name: "app" }, type: "Opaque", data });
    const ref = await install(subject);
    await settled(subject, ref);
    await touchAll(subject);
    await subject.pass(6000);
    await restart(subject, ref, "m");
    await settled(subject, ref);
    await subject.pass(quietMs);
    assert.deepEqual(await held.get("Secret", namespace, "app"), before);
    assert.deepEqual(
      (await liveStarts(subject)).map(({ env }) => env["C"]),
      ["mine", "mine"],
    );
  });
}
