import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDriver } from "../../../shared/core/kubernetes/parse-driver.ts";

const daemonSet = (image: string, args: readonly string[] = []) => ({
  spec: {
    template: { spec: { containers: [{ name: "node-driver-registrar" }, { name: "secrets-store", image, args }] } },
  },
});
const unknown = { generation: "unknown", rotation: "unknown", pollIntervalMs: 120_000 };
const off = { generation: "1.5", rotation: "off", pollIntervalMs: 120_000 };

const cases = [
  { name: "nothing readable", csiDriver: undefined, daemonSet: undefined, expected: unknown },
  { name: "no requiresRepublish", csiDriver: { spec: {} }, daemonSet: undefined, expected: unknown },
  {
    name: "requiresRepublish",
    csiDriver: { spec: { requiresRepublish: true } },
    daemonSet: undefined,
    expected: { ...unknown, generation: "1.6" },
  },
  { name: "a 1.5 image", daemonSet: daemonSet("mcr.microsoft.com/secrets-store/driver:v1.5.4-1"), expected: off },
  { name: "an older image", daemonSet: daemonSet("registry:5000/driver:1.4.8"), expected: off },
  {
    name: "a 1.6 image by tag and digest",
    daemonSet: daemonSet("driver:v1.6.1@sha256:0123"),
    expected: { ...off, generation: "1.6" },
  },
  { name: "a 2.0 image", daemonSet: daemonSet("driver:v2.0.0"), expected: { ...off, generation: "1.6" } },
  {
    name: "an image by digest only",
    csiDriver: { spec: { requiresRepublish: true } },
    daemonSet: daemonSet("registry:5000/driver@sha256:0123"),
    expected: { ...off, generation: "1.6" },
  },
  {
    name: "rotation with a poll interval",
    daemonSet: daemonSet("driver:v1.5.6", ["--enable-secret-rotation=true", "--rotation-poll-interval=1h2m3.5s"]),
    expected: { generation: "1.5", rotation: "on", pollIntervalMs: 3_723_500 },
  },
  {
    name: "flags in two words and without a value",
    daemonSet: daemonSet("driver:v1.5.6", ["--enable-secret-rotation", "--rotation-poll-interval", "30s"]),
    expected: { generation: "1.5", rotation: "on", pollIntervalMs: 30_000 },
  },
  {
    name: "rotation switched off in so many words",
    daemonSet: daemonSet("driver:v1.5.6", ["--enable-secret-rotation=false", "--rotation-poll-interval=soon"]),
    expected: off,
  },
];

for (const { name, csiDriver, daemonSet, expected } of cases) {
  test(`The driver is told by ${name}`, () => {
    assert.deepEqual(parseDriver(csiDriver, daemonSet), expected);
  });
}
