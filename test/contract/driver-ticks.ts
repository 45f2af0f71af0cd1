/** The part of the driver's contract that waits for its own look at a pod status, 5 minutes after the last one. */

import assert from "node:assert/strict";
import { quietMs, running, until, valueOf, write } from "./driver-checks.ts";
import type { DriverCase } from "./driver-subject.ts";

/** Shortly before the look. It comes 300 s after the first one, which takes a moment after the mount. */
const beforeTickMs = 280_000;

export function tickCases(given: DriverCase): void {
  given(
    "5 minutes after its mount a pod is looked at by itself: a lost Secret is back, a foreign value kept by 1.5 only",
    async (subject) => {
      const { generation, held, namespace, vault } = subject;
      vault.set("color", "blue");
      const startedAt = subject.now();
      await running(subject, { replicas: 1, others: { other: { x: "color" } } });
      await write(subject, { color: "foreign", extra: "x" });
      await held.delete("Secret", namespace, "other");
      await subject.pass(startedAt + beforeTickMs - subject.now());
      assert.equal(await valueOf(subject, "color"), "foreign", "nobody has looked yet");
      assert.equal(await held.find("Secret", namespace, "other"), undefined, "nor missed what is lost");
      await until(subject, "the lost Secret", async () => (await valueOf(subject, "x", "other")) === "blue");
      await subject.pass(quietMs);
      const kept = generation === "1.5";
      assert.equal(await valueOf(subject, "color"), kept ? "foreign" : "blue");
      assert.equal(await valueOf(subject, "extra"), kept ? "x" : undefined);
    },
    "off",
  );
}
