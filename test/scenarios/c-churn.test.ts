import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { nameOf } from "../../local/cluster/objects.ts";
import { providerClass, workload } from "./manifests.ts";
import { unheard } from "./one-app.ts";
import { setBefore } from "./set-ups.ts";
import { bothGenerations, World } from "./world.ts";

const minute = 60_000;
const spaces = ["team-0", "team-1", "team-2", "team-3", "team-4"];

interface Change {
  readonly atMs: number;
  readonly namespace: string;
  readonly app: number;
  readonly kind: "create" | "delete" | "scale" | "delete-pod" | "delete-all";
}

const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({
    atMs: fc.nat(40_000),
    namespace: fc.constantFrom(...spaces),
    app: fc.nat(5),
    kind: fc.constantFrom("create", "create", "delete", "delete", "scale", "delete-pod", "delete-all"),
  }),
  { minLength: 20, maxLength: 60 },
);

/** Apps with an even number mount the class; the others only read its Secret. */
function appOf(app: number, namespace: string, replicas: number = 1): Record<string, unknown> {
  const mounts = app % 2 === 0 ? ["kv"] : [];
  return workload({ name: `app-${app}`, namespace, replicas, mounts, env: { PASSWORD: ["app", "k"] } });
}

function carryOut(world: World, { kind, namespace, app }: Change): void {
  const { store } = world.blue;
  const found = store.find("Deployment", namespace, `app-${app}`);
  switch (kind) {
    case "create":
      if (found === undefined) world.blue.apply(appOf(app, namespace));
      return;
    case "delete":
      // One mounter stays, so that the Secret does.
      if (found !== undefined && app !== 0) world.blue.delete("Deployment", namespace, `app-${app}`);
      return;
    case "scale":
      if (found !== undefined)
        world.blue.patch("Deployment", namespace, `app-${app}`, { spec: { replicas: 1 + (app % 3) } });
      return;
    case "delete-pod": {
      const [pod] = store.list("Pod", namespace, { labelSelector: `app=app-${app}` }).items;
      if (pod !== undefined) world.blue.delete("Pod", namespace, nameOf(pod));
      return;
    }
    case "delete-all":
      // Everything of one namespace goes at once, as with `kubectl delete namespace`.
      if (namespace !== "team-4") return;
      for (const name of ["Deployment", "SecretProviderClass"] as const)
        for (const item of store.list(name, namespace).items) world.blue.delete(name, namespace, nameOf(item));
  }
}

/**
 * Converged. Or, on driver 1.6: a reader that somebody deployed within a minute of the mounters' restart, where a new pod's
 * mount wrote the Secret before the bridge did, may have met an old pod's tick; it is named, and the next version settles it.
 */
function assertSaid(world: World, namespace: string): void {
  const target = `blue/${namespace}`;
  const said = world.outcome("kv", target);
  if (said === "waiting(start-unknown)" && world.blue.generation === "1.6")
    assert.ok(world.about("kv", target).every((name) => /^(Deployment|Pod)\/app-[135]/.test(name)));
  else assert.equal(said, "converged", `${namespace}\n${world.timeline()}`);
}

for (const generation of bothGenerations) {
  test(`C4: workloads come and go during a rotation: no error that a person must look at, driver ${generation}`, async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const world = new World({ generation });
        setBefore(world, "db", "old");
        for (const namespace of spaces) {
          world.blue.apply(providerClass({ name: "kv", namespace, objects: ["db"], secrets: { app: { k: "db" } } }));
          for (const app of [0, 1, 2]) world.blue.apply(appOf(app, namespace));
        }
        await unheard(world, 660_000);
        world.start();
        world.set("db", "new");
        for (const change of all) world.clock.after(change.atMs, () => carryOut(world, change));
        await world.pass(12 * minute);
        const seen = (level: string) => world.log.filter((line) => line.level === level);
        assert.deepEqual(seen("error"), [], world.timeline());
        const bad = world.log.filter(({ fields }) => fields["outcome"] === "failed" || fields["outcome"] === "refused");
        assert.deepEqual(bad, [], world.timeline());
        assert.deepEqual(world.queue.poison, []);
        for (const namespace of spaces) {
          const running = world.blue.running(namespace);
          for (const { pod, env } of running) assert.equal(env["PASSWORD"], "new", `${namespace}/${pod}`);
          if (running.length > 0) {
            assert.equal(world.blue.secretValue(namespace, "app", "k"), "new", namespace);
            assertSaid(world, namespace);
          }
        }
        world.stop();
      }),
      { numRuns: 6, seed: 29, endOnFailure: true },
    );
  });
}
