/**
 * `npm run bench [-- --rig --samples 200 --quick]`: how fast one rotation is, and what it costs in requests.
 *
 * The bridge with its real adapters, a vault, a cluster (both stand-ins) and Azurite's queue speak HTTP on this
 * machine; all but Azurite share this process. With --rig the cluster is a real one (test/rig, needs Go and root), over
 * TLS. The bridge's waits run on a clock that is sped up, those of the stand-in's pods too; what is measured between the
 * event and the patched Secret holds no such wait and is real time.
 */

import { parseArgs } from "node:util";
import { byHand } from "./by-hand.ts";
import { loadTimes } from "./load-time.ts";
import { quantile } from "./numbers.ts";
import { quickClock } from "./quick-clock.ts";
import { record, type SeenRequest, waves } from "./recorder.ts";
import { type Street, startStreet } from "./street.ts";

const { values: asked } = parseArgs({
  options: {
    rig: { type: "boolean", default: false },
    samples: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const rounds = Number(asked.samples ?? (asked.quick ? 10 : 200));
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--samples needs a number of rotations.");
const [warmUps, loads] = asked.quick ? ([3, 3] as const) : ([20, 11] as const);
const where = asked.rig ? "rig" : "local";
/** The rig's pods take their real time, so the bridge needs no more speed than not to wait longer than they do. */
const speed = asked.rig ? 20 : 60;

interface Rotated {
  /** From the event to the Secret's change, in milliseconds. */
  readonly patchedMs: number;
  /** Until the Secret had changed, and until the rotation was proven. */
  readonly before: readonly SeenRequest[];
  readonly all: readonly SeenRequest[];
}

async function rotate(street: Street, recorded: boolean): Promise<Rotated> {
  await street.site.rested();
  const event = street.newVersion();
  const recorder = recorded ? record() : undefined;
  const patched = street.site.patched(street.namespaces.bridge);
  const start = performance.now();
  const done = street.bridge.onMessage(event);
  const at = await patched;
  const { targets } = await done;
  recorder?.stop();
  if (targets[0]?.outcome !== "converged") throw new Error(`The rotation ended as ${JSON.stringify(targets)}.`);
  const all = recorder?.requests ?? [];
  return { patchedMs: at - start, before: all.filter((request) => request.start < at), all };
}

async function main(): Promise<void> {
  const load = asked.rig ? undefined : await loadTimes(loads);
  const clock = quickClock(asked.rig ? 1 : speed);
  const street = await startStreet(clock, where);
  try {
    clock.pace(1);
    await rotate(street, false);
    const { all } = await rotate(street, true);
    clock.pace(speed);
    for (let round = 1; round < warmUps; round += 1) await rotate(street, false);
    const learnt = await rotate(street, true);
    const times = await race(street, waves(learnt.before));
    report(times, counts(learnt.before), counts(all), load, waves(learnt.before).length);
  } finally {
    await street.close();
  }
}

interface Times {
  readonly bridge: readonly number[];
  readonly hand: readonly number[];
}

/** Rotations by the bridge and by hand in turn, in milliseconds. */
async function race(street: Street, learnt: readonly (readonly SeenRequest[])[]): Promise<Times> {
  const hand = await byHand(street, learnt);
  const times = { bridge: new Array<number>(), hand: new Array<number>() };
  for (let round = -warmUps; round < rounds; round += 1) {
    const { patchedMs } = await rotate(street, false);
    const patched = street.site.patched(street.namespaces.byHand);
    const start = performance.now();
    await hand.rotate();
    const at = await patched;
    if (round < 0) continue;
    times.bridge.push(patchedMs);
    times.hand.push(at - start);
  }
  await hand.close();
  return times;
}

/** How often each kind of request was made, as in `LIST pods`. */
function counts(requests: readonly SeenRequest[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const request of requests) found.set(kindOf(request), (found.get(kindOf(request)) ?? 0) + 1);
  return found;
}

function kindOf({ method, url }: SeenRequest): string {
  const { pathname } = new URL(url);
  if (pathname.endsWith("/messages")) return "queue send";
  if (pathname.endsWith("/token")) return "identity token";
  if (/^\/secrets\/[^/]+\/versions/.test(pathname)) return "vault LIST versions";
  if (pathname.startsWith("/secrets/")) return "vault GET secret";
  const parts = pathname
    .replace(/^\/(api\/v1|apis\/[^/]+\/[^/]+)\//, "")
    .replace(/^namespaces\/[^/]+\//, "")
    .split("/");
  const verb = method === "GET" && parts.length === 1 ? "LIST" : method;
  return `${verb} ${parts[0]}`;
}

function report(
  times: Times,
  before: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>,
  load: { readonly ours: number; readonly empty: number } | undefined,
  steps: number,
): void {
  const row = (name: string, ours: number, theirs: number) =>
    console.log(
      `${name.padEnd(44)}${ours.toFixed(1).padStart(9)}${theirs.toFixed(1).padStart(9)}${(ours / theirs).toFixed(2).padStart(8)}`,
    );
  const title = (name: string, ...columns: readonly string[]) =>
    console.log(`\n${name.padEnd(44)}${columns.map((column, index) => column.padStart(index < 2 ? 9 : 8)).join("")}`);

  console.log(asked.rig ? "Cluster: a real API server of the rig, over TLS" : "Cluster: the stand-in, plain HTTP");
  title(`Event to patched Secret, ms (${rounds} rotations)`, "bridge", "by hand", "ratio");
  for (const share of [0.5, 0.9, 0.99])
    row(`p${share * 100}`, quantile(times.bridge, share), quantile(times.hand, share));
  console.log(`By hand: the same requests with undici, in ${steps} steps one after the other, answers parsed as JSON.`);
  console.log("Left out: the settle time; the version was created more than 2 s before its event.");
  console.log(
    `In it now and then: 3 requests for the driver's facts, which the bridge keeps for 10 minutes of its clock (${(600 / speed).toFixed(0)} s here).`,
  );

  title("Requests in one rotation", "patched", "proven");
  const names = [...all.keys()].toSorted();
  for (const name of names)
    console.log(
      `${name.padEnd(44)}${String(before.get(name) ?? 0).padStart(9)}${String(all.get(name) ?? 0).padStart(9)}`,
    );
  const sum = (found: ReadonlyMap<string, number>) => [...found.values()].reduce((one, other) => one + other, 0);
  console.log(`${"all".padEnd(44)}${String(sum(before)).padStart(9)}${String(sum(all)).padStart(9)}`);
  console.log("Until the Secret was patched, and until the rotation was proven (at normal speed, polls included).");

  if (load === undefined) return;
  title(`Load of the app in a fresh process, ms (${loads})`, "bundle", "empty", "ratio");
  row("median", load.ours, load.empty);
}

await main();
