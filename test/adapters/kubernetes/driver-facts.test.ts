import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { createDriverFacts } from "../../../shared/adapters/kubernetes/driver-facts.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";

const daemonSet = {
  spec: { template: { spec: { containers: [{ name: "secrets-store", image: "driver:v1.6.1", args: [] }] } } },
};

test("The driver is asked for once in ten minutes, then beside the work: nobody waits for it", async () => {
  const clock = new VirtualClock();
  let reads = 0;
  let image = "driver:v1.5.6";
  const facts = createDriverFacts(
    {
      readCsiDriver: async () => ({}),
      readDaemonSet: async () => {
        reads += 1;
        await clock.sleep(5_000);
        return { spec: { template: { spec: { containers: [{ name: "secrets-store", image, args: [] }] } } } };
      },
    },
    clock,
  );
  const generation = async () => (await facts()).generation;
  const first = await clock.until(Promise.all([generation(), generation(), generation()]));
  assert.deepEqual(first, ["1.5", "1.5", "1.5"]);
  assert.equal(reads, 1, "who asks while it is read shares the answer");
  image = "driver:v1.6.1";
  await clock.advance(599_000);
  assert.equal(await generation(), "1.5");
  assert.equal(reads, 1);
  await clock.advance(2_000);
  assert.equal(await generation(), "1.5");
  assert.equal(await generation(), "1.5");
  assert.equal(reads, 2, "one reading at a time");
  await clock.advance(5_000);
  assert.equal(await generation(), "1.6");
  await clock.advance(1_800_000);
  image = "driver:v1.5.6";
  assert.equal(await clock.until(generation()), "1.5", "what is half an hour old is waited for");
  assert.equal(reads, 3);
});

test("A cluster that does not answer leaves what is known in use for half an hour", async () => {
  const clock = new VirtualClock();
  let down = false;
  const facts = createDriverFacts(
    {
      readCsiDriver: async () => {
        if (down) throw new RemoteProblem("unavailable", "down");
        return {};
      },
      readDaemonSet: async () => daemonSet,
    },
    clock,
  );
  await facts();
  down = true;
  await clock.advance(1_200_000);
  assert.equal((await facts()).generation, "1.6");
  await clock.advance(600_000);
  await assert.rejects(facts(), { kind: "unavailable" });
});

test("What is forbidden or missing is unknown; the DaemonSet's other names are tried", async () => {
  const asked: string[] = [];
  const facts = createDriverFacts(
    {
      readCsiDriver: () => Promise.reject(new RemoteProblem("forbidden", "no")),
      readDaemonSet: async (namespace, name) => {
        asked.push(`${namespace}/${name}`);
        if (name === "csi-secrets-store") return daemonSet;
        throw new RemoteProblem("not-found", "no");
      },
    },
    new VirtualClock(),
  );
  assert.equal((await facts()).rotation, "off");
  assert.deepEqual(asked, ["kube-system/aks-secrets-store-csi-driver", "kube-system/csi-secrets-store"]);
});

test("A cluster that does not answer is a problem, and is not remembered", async () => {
  let down = true;
  const facts = createDriverFacts(
    {
      readCsiDriver: async () => {
        if (down) throw new RemoteProblem("unavailable", "down");
        return { spec: { requiresRepublish: true } };
      },
      readDaemonSet: () => Promise.reject(new RemoteProblem("forbidden", "no")),
    },
    new VirtualClock(),
  );
  await assert.rejects(facts(), { kind: "unavailable" });
  down = false;
  assert.deepEqual(await facts(), { generation: "1.6", rotation: "unknown", pollIntervalMs: 120_000 });
});
