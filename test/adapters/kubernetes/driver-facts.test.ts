import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { createDriverFacts } from "../../../shared/adapters/kubernetes/driver-facts.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";

const daemonSet = {
  spec: { template: { spec: { containers: [{ name: "secrets-store", image: "driver:v1.6.1", args: [] }] } } },
};

test("The driver is asked for once in ten minutes", async () => {
  const clock = new VirtualClock();
  let reads = 0;
  const facts = createDriverFacts(
    {
      readCsiDriver: async () => ({}),
      readDaemonSet: async () => {
        reads += 1;
        return daemonSet;
      },
    },
    clock,
  );
  assert.equal((await facts()).generation, "1.6");
  await clock.advance(599_000);
  await facts();
  assert.equal(reads, 1);
  await clock.advance(2_000);
  await facts();
  assert.equal(reads, 2);
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
