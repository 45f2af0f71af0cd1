/** The part of the driver's contract that is about what new and old mounts do to the Secret. */

import assert from "node:assert/strict";
import { listAt, textAt } from "../../local/cluster/json.ts";
import {
  classOf,
  dataOf,
  liveStarts,
  metadataText,
  restart,
  running,
  secretOf,
  settled,
  touchAll,
  until,
  valueOf,
  write,
  writersOf,
  quietMs,
} from "./driver-checks.ts";
import type { DriverCase } from "./driver-subject.ts";

export function mountCases(given: DriverCase): void {
  given(
    "a new mount without a write: 1.5 leaves the Secret as it is, 1.6 writes what is mounted",
    async (subject) => {
      const { vault, generation } = subject;
      vault.set("color", "blue");
      const ref = await running(subject);
      vault.set("color", "green");
      await touchAll(subject);
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "color"), "blue", "a touch reads nothing from the vault");
      await restart(subject, ref, "m");
      await settled(subject, ref);
      const expected = generation === "1.5" ? "blue" : "green";
      const starts = await liveStarts(subject);
      assert.deepEqual(
        starts.map(({ env, files }) => [env["C"], files["/mnt/app/color"]]),
        [
          [expected, "green"],
          [expected, "green"],
        ],
      );
      await touchAll(subject);
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "color"), expected);
      assert.deepEqual(writersOf(await secretOf(subject)), { "csi-secrets-store": ["color"] });
    },
    "off",
  );

  given(
    "written first and restarted then, all pods start with the new value, and nobody writes it again",
    async (subject) => {
      subject.vault.set("color", "blue");
      const ref = await running(subject);
      subject.vault.set("color", "green");
      const written = writersOf(await write(subject, { color: "green" }));
      if (subject.rotation === "off") assert.deepEqual(written, { "rotation-bridge": ["color"] });
      await restart(subject, ref, "m");
      await settled(subject, ref);
      assert.deepEqual(
        (await liveStarts(subject)).map(({ env, files }) => [env["C"], files["/mnt/app/color"]]),
        [
          ["green", "green"],
          ["green", "green"],
        ],
      );
      await touchAll(subject);
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "color"), "green");
      assert.deepEqual(writersOf(await secretOf(subject)), written);
    },
  );

  given(
    "a touch of an old mount's status: 1.5 leaves what was written, 1.6 puts the old value back",
    async (subject) => {
      const { generation, held, namespace } = subject;
      subject.vault.set("color", "blue");
      await running(subject);
      subject.vault.set("color", "green");
      await write(subject, { color: "green", extra: "x" });
      await held.patch("Secret", namespace, "app", { metadata: { annotations: { mine: "yes" } } }, "kubectl");
      await touchAll(subject);
      if (generation === "1.6")
        await until(subject, "the old value", async () => (await valueOf(subject, "color")) === "blue");
      else await subject.pass(quietMs);
      const secret = await secretOf(subject);
      const kept = generation === "1.5";
      assert.equal(await valueOf(subject, "color"), kept ? "green" : "blue");
      assert.equal(await valueOf(subject, "extra"), kept ? "x" : undefined);
      assert.deepEqual(
        writersOf(secret),
        kept ? { "rotation-bridge": ["color", "extra"] } : { "csi-secrets-store": ["color"] },
      );
      const raw = await held.get("Secret", namespace, "app");
      assert.equal(textAt(raw, "metadata", "annotations", "mine"), "yes");
    },
    "off",
  );

  given(
    "a deleted Secret comes back when a pod status is touched, as mounted, as a new object with owners",
    async (subject) => {
      const { held, namespace } = subject;
      subject.vault.set("color", "blue");
      await running(subject);
      const before = await held.get("Secret", namespace, "app");
      if (subject.rotation === "off") subject.vault.set("color", "green");
      await held.delete("Secret", namespace, "app");
      await touchAll(subject);
      await until(subject, "the Secret", async () => (await held.find("Secret", namespace, "app")) !== undefined);
      const after = await held.get("Secret", namespace, "app");
      assert.deepEqual(dataOf(after), dataOf(before));
      assert.notEqual(metadataText(after, "uid"), metadataText(before, "uid"));
      assert.equal((await secretOf(subject)).managed, true);
      const owners = (object: typeof after) => listAt(object, "metadata", "ownerReferences");
      await until(subject, "owners", async () => owners(await held.get("Secret", namespace, "app")).length > 0);
      assert.deepEqual(owners(await held.get("Secret", namespace, "app")), owners(before));
    },
  );

  given(
    "a new key of what is mounted already: 1.5 never adds it, 1.6 at the next look",
    async (subject) => {
      const { generation, held, namespace, vault } = subject;
      vault.set("color", "blue");
      const ref = await running(subject);
      const { spec } = classOf(subject, ["color"], { app: { color: "color", again: "color" }, other: { x: "color" } });
      await held.patch("SecretProviderClass", namespace, "app", { spec }, "kubectl");
      await touchAll(subject);
      await until(subject, "the new Secret", async () => (await valueOf(subject, "x", "other")) === "blue");
      await subject.pass(quietMs);
      const expected = generation === "1.5" ? undefined : "blue";
      assert.equal(await valueOf(subject, "again"), expected);
      await restart(subject, ref, "m");
      await settled(subject, ref);
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "again"), expected);
    },
    "off",
  );

  given(
    "a new object of the class: nothing happens before a restart, then 1.5 makes new Secrets only",
    async (subject) => {
      const { generation, held, namespace, vault } = subject;
      vault.set("color", "blue");
      vault.set("shape", "round");
      const ref = await running(subject);
      const secrets = { app: { color: "color", shape: "shape" }, other: { x: "shape" } };
      const { spec } = classOf(subject, ["color", "shape"], secrets);
      await held.patch("SecretProviderClass", namespace, "app", { spec }, "kubectl");
      await touchAll(subject);
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "shape"), undefined);
      assert.equal(await valueOf(subject, "x", "other"), undefined);
      await restart(subject, ref, "m");
      await settled(subject, ref);
      await until(subject, "the new Secret", async () => (await valueOf(subject, "x", "other")) === "round");
      await subject.pass(quietMs);
      assert.equal(await valueOf(subject, "shape"), generation === "1.5" ? undefined : "round");
    },
    "off",
  );
}
