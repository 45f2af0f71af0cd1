/** What goes wrong on the way to the API server and the queue, and instances that die. */

import { number, text } from "./act-params.ts";
import type { ActKind, Params } from "./acts.ts";
import type { Random } from "./random.ts";
import type { RemoteFault } from "./remote-faults.ts";

const faults: readonly RemoteFault[] = [
  "401",
  "403",
  "404",
  "409",
  "422",
  "429",
  "500",
  "503",
  "reset",
  "hang",
  "lost",
  "slow",
];
const kinds = ["", "Secret", "Deployment", "StatefulSet", "Pod", "SecretProviderClass", "SecretProviderClassPodStatus"];

function window(random: Random): Params {
  return {
    fault: random.pick(faults),
    kind: random.pick(kinds),
    verb: random.pick(["", "", "patch"]),
    share: random.pick([0.1, 0.3, 1]),
    forMs: random.weighted([
      [random.int(1, 40) * 1000, 6],
      [random.int(1, 5) * 60_000, 1],
    ]),
  };
}

export const remoteActs: Readonly<Record<string, ActKind>> = {
  "api-fails": {
    weight: 8,
    pick: window,
    run: (sim, params) => {
      const fault = faults.find((one) => one === text(params, "fault")) ?? "500";
      const now = sim.clock.now();
      // Only who loses every write for a while gives a run up: left to chance, some thousands of worlds have none.
      const always = fault === "409" && number(params, "share") > 0.1;
      sim.faults.add({
        target: "cluster",
        cluster: "",
        fault,
        verb: always ? "patch" : text(params, "verb"),
        kind: always ? "" : text(params, "kind"),
        share: always ? 1 : number(params, "share"),
        from: now,
        to: now + number(params, "forMs"),
      });
    },
  },
  "cluster-out-of-reach": {
    weight: 2,
    pick: (random, shape) => ({
      cluster: random.pick(shape.spaces).cluster,
      fault: random.pick(["reset", "hang", "503", "401"]),
      forMs: random.int(10, 300) * 1000,
    }),
    run: (sim, params) => {
      const fault = faults.find((one) => one === text(params, "fault")) ?? "reset";
      const [cluster, from] = [text(params, "cluster"), sim.clock.now()];
      const to = from + number(params, "forMs");
      sim.faults.add({ target: "cluster", cluster, fault, verb: "", kind: "", share: 1, from, to });
    },
  },
  "queue-fails": {
    weight: 2,
    pick: (random) => ({ ...window(random), fault: random.pick(["429", "500", "503", "reset", "hang", "lost"]) }),
    run: (sim, params) => {
      const fault = faults.find((one) => one === text(params, "fault")) ?? "500";
      const now = sim.clock.now();
      const to = now + number(params, "forMs");
      sim.faults.add({
        target: "queue",
        cluster: "",
        fault,
        verb: "",
        kind: "",
        share: number(params, "share"),
        from: now,
        to,
      });
    },
  },
  crash: {
    weight: 5,
    pick: (random) => ({ calls: random.int(0, 80), side: random.pick(["before", "after"]) }),
    run: (sim, params) => {
      const side = text(params, "side") === "before" ? "before" : "after";
      sim.deaths.push({ calls: sim.steps + number(params, "calls"), side });
    },
  },
  "events-misbehave": {
    weight: 3,
    pick: (random) => ({
      lost: random.pick([0, 0.3, 1]),
      twice: random.pick([0, 0.5, 1]),
      delayMs: random.pick([0, 300, 20_000, 300_000]),
      shuffleMs: random.pick([0, 0, 20_000, 120_000]),
    }),
    run: (sim, params) => {
      sim.events = {
        lost: number(params, "lost"),
        twice: number(params, "twice"),
        delayMs: number(params, "delayMs"),
        shuffleMs: number(params, "shuffleMs"),
      };
    },
  },
  "message-again": {
    weight: 3,
    pick: (random) => ({ nth: random.int(0, 20), delayMs: random.int(0, 300) * 1000 }),
    run: (sim, params) => {
      const texts = sim.queue.sent;
      const body = texts[number(params, "nth") % Math.max(1, texts.length)];
      if (body === undefined) return;
      sim.tally.add("fault message repeated");
      sim.queue.put(JSON.parse(body), number(params, "delayMs"));
    },
  },
  "odd-message": {
    weight: 2,
    pick: (random) => ({ nth: random.int(0, oddBodies.length - 1) }),
    run: (sim, params) => sim.queue.put(oddBodies[number(params, "nth")]),
  },
};

const event = (data: object, type: string = "SecretNewVersionCreated", vault: string = "contoso") => ({
  id: "1",
  topic: `/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${vault}`,
  subject: "db",
  eventType: `Microsoft.KeyVault.${type}`,
  data,
  dataVersion: "1",
  metadataVersion: "1",
  eventTime: "2026-01-01T00:00:00Z",
});

/** What else may be found on the queue. */
const oddBodies: readonly unknown[] = [
  "no JSON at all",
  { no: "event" },
  event(
    { VaultName: "stranger", ObjectType: "Secret", ObjectName: "db", Version: "0".repeat(32) },
    undefined,
    "stranger",
  ),
  event({ VaultName: "contoso", ObjectType: "Secret", ObjectName: "nowhere", Version: "0".repeat(32) }),
  // Its topic is another vault than its data says.
  event({ VaultName: "stranger", ObjectType: "Secret", ObjectName: "db", Version: "0".repeat(32) }),
  event({}, "SecretNearExpiry"),
  { kind: "target", v: 9, target: { cluster: "blue", namespace: "shop" } },
  {
    kind: "target",
    v: 1,
    target: { cluster: "blue", namespace: "elsewhere" },
    chain: "forged",
    scope: "all",
    memory: { firstSeen: {}, counts: {}, reverted: [], delayMs: 0 },
  },
  "x".repeat(1_100_000),
];
