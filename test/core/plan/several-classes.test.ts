/** What a workload owes to several classes: none of them counts as converged for what was done for another one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver, Pod, SecretSeen, Workload } from "../../../shared/core/observed.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import type { ObjectVersion, VaultAnswer, VersionAnswer } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  driverOf,
  envRead,
  hour,
  minute,
  noon,
  ours,
  planInput,
  pod,
  podStatus,
  policyOf,
  syncedSecret,
  vaultView,
  versionOf,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

/** `db` is old; `mail` was created at noon, and the pods came half an hour before. */
const born = new Map([
  ["db", noon - 2 * hour],
  ["mail", noon],
]);
const before = noon - 30 * minute;
const dbs = classOf("dbs", ["db"], { dbs: { db: "db" } });
const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });

type App = { readonly workload: Workload; readonly pods: readonly Pod[] };

function app(name: string, mounts: readonly string[], reads: readonly string[], marked: readonly string[] = []): App {
  return workloadWithPods({
    kind: "Deployment",
    name,
    pods: 2,
    mounts,
    reads: reads.map((secret) => envRead(secret)),
    startedAt: before,
    marked: marked.map((object) => ({ name: object, createdOn: born.get(object) ?? 0 })),
  });
}

interface Namespace {
  readonly classes: readonly ProviderClass[];
  readonly apps: readonly App[];
  /** What pods show of an object of a class (`mails/mail`); the version before by default, the current one for `db`. */
  readonly shown?: (pod: Pod, className: string, object: string) => string;
  /** Secrets that hold the old value; all others are right since a minute past noon. */
  readonly wrong?: readonly string[];
  readonly missing?: readonly string[];
  /** Pods of nobody's. */
  readonly bare?: readonly Pod[];
  readonly driver?: Driver;
  readonly answers?: readonly (readonly [string, VaultAnswer])[];
  /** The version before each of these (`vault/type/name@version`). */
  readonly before?: readonly (readonly [string, ObjectVersion])[];
  readonly policy?: TargetPolicy;
}

function decide({
  classes,
  apps,
  shown,
  wrong = [],
  missing = [],
  bare = [],
  driver = driverOf("1.5", "off"),
  answers = [],
  before: earlierOnes = [],
  policy = policyOf(),
}: Namespace): Plan {
  const version = shown ?? ((_pod, _name, object) => (object === "db" ? "v-db" : "v-before"));
  const secrets = new Map<string, SecretSeen>(
    classes.flatMap(({ content }) =>
      content.secretObjects.map(({ secretName, data }) => {
        if (missing.includes(secretName)) return [secretName, { kind: "missing" }] as const;
        const right = !wrong.includes(secretName);
        const bytes = Object.fromEntries(
          data.map(({ key, objectName }) => [key, right ? `${objectName}-value` : "old"]),
        );
        const writers = right ? [writer(ours, noon + minute, ...Object.keys(bytes))] : [];
        const secret = syncedSecret(secretName, bytes, { createdAt: noon - 3 * hour, writers });
        return [secretName, { kind: "present", secret }] as const;
      }),
    ),
  );
  const pods = [...apps.flatMap((one) => one.pods), ...bare];
  const podStatuses = pods.flatMap((pod) =>
    pod.uses.mounts.map(({ className }) => {
      const content = classes.find(({ name }) => name === className)?.content;
      const objects = content?.ok === true ? content.objects.map(({ object }) => object.name) : [];
      const versions = new Map(objects.map((object) => [`secret/${object}`, version(pod, className, object)]));
      return { ...podStatus(pod, className, []), versions };
    }),
  );
  const workloads = apps.map(({ workload }) => workload);
  const observed = observedOf({ at: noon + 10 * minute, classes, secrets, workloads, pods, podStatuses, driver });
  const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
  const view = vaultView(born);
  const vault = {
    ...view,
    answers: new Map([...view.answers, ...answers]),
    before: new Map([...view.before, ...earlierOnes]),
    versions: new Map([["contoso/secret/mail@v-before", earlier]]),
  };
  return secondLook(planInput(observed, vault, { policy }));
}

function restarts(decided: Plan): readonly string[] {
  return decided.steps.flatMap((step) => (step.kind === "restart" ? [step.workload.name] : []));
}

test("a workload that reads a class's Secret and mounts a refused class is named by the class that it reads", () => {
  const absent = classOf("absent", ["absent"], {});
  const { outcomes, steps } = decide({
    classes: [absent, mails],
    apps: [app("app", ["absent"], ["mails"])],
    answers: [["contoso/secret/absent", { ok: false, problem: "not-found" }]],
  });
  assert.deepEqual(outcomes.get("mails"), {
    kind: "refused",
    reason: "mounted-with-refused",
    about: ["Deployment/app", "SecretProviderClass/absent"],
  });
  assert.deepEqual(steps, []);
});

test("a rollout that is not proven is still said of its class when another class needs a restart", () => {
  const made = app("app", ["dbs", "mails"], [], ["db"]);
  const rollout = { ...made.workload.rollout, total: 3, completed: false };
  const decided = decide({
    classes: [dbs, mails],
    apps: [{ ...made, workload: { ...made.workload, rollout } }],
  });
  assert.deepEqual(restarts(decided), ["app"]);
  assert.equal(decided.outcomes.get("dbs")?.kind, "waiting");
});

test("a class whose own rollout is proven stays converged when another class needs a restart", () => {
  const decided = decide({ classes: [dbs, mails], apps: [app("app", ["dbs", "mails"], [], ["db"])] });
  assert.deepEqual(restarts(decided), ["app"]);
  assert.deepEqual(decided.outcomes.get("dbs"), { kind: "converged", idle: false });
});

test("a class with a moved pin waits for the restart that another class needs", () => {
  assert.ok(dbs.content.ok);
  const objects = dbs.content.objects.map((item) => ({ ...item, pin: "v-pin" }));
  const pinned = { ...dbs, content: { ...dbs.content, objects } };
  const current = { ...versionOf("db", noon - 2 * hour), version: "v-pin" };
  const decided = decide({
    classes: [pinned, mails],
    apps: [app("app", ["dbs", "mails"], [])],
    // One pod has the new pin mounted already, so the class's objects count as mounted.
    shown: (pod, _name, object) => (object === "mail" ? "v-before" : pod.name === "app-0" ? "v-pin" : "v-db"),
    answers: [["contoso/secret/db@v-pin", { ok: true, current }]],
  });
  assert.deepEqual(restarts(decided), ["app"]);
  assert.equal(decided.outcomes.get("dbs")?.kind, "waiting");
});

test("no restart under a marker that would be untrue of a Secret which is not written", () => {
  // `app` mounts `mail` through one class and reads it through another one, whose only mounter is never restarted.
  const others = classOf("others", ["mail"], { others: { mail: "mail" } });
  const decided = decide({
    classes: [mails, others],
    apps: [app("app", ["mails"], ["others"]), app("fixed", ["others"], [])],
    wrong: ["mails", "others"],
    policy: policyOf({ restartByWorkload: new Map([["Deployment/fixed", "never"]]) }),
  });
  assert.deepEqual(restarts(decided), []);
  assert.deepEqual(decided.outcomes.get("mails"), {
    kind: "refused",
    reason: "never-refreshes",
    about: ["Deployment/app", "SecretProviderClass/others"],
  });
});

for (const [reason, policy] of [
  ["observe-only", policyOf({ mode: "observe" })],
  ["writes-stopped", policyOf({ writesStopped: true })],
] as const) {
  test(`a class that waits for a write which is never made says so and ends (${reason})`, () => {
    const decided = decide({
      classes: [dbs, mails],
      apps: [app("app", ["dbs", "mails"], ["dbs"])],
      wrong: ["mails"],
      policy,
    });
    assert.deepEqual(
      decided.wouldDo.map(({ kind }) => kind),
      ["write"],
    );
    for (const outcome of decided.outcomes.values())
      assert.ok(outcome.kind === "converged" || (outcome.kind === "waiting" && outcome.reason === reason));
    assert.deepEqual(decided.next, { kind: "end" });
  });
}

test("a reader is not let go because the mounter that it waits for waits for something else", () => {
  // The mounter waits for a Secret that the driver has yet to make anew: no ring, although both are held.
  const both = classOf("mails", ["mail"], { mails: { mail: "mail" }, gone: { mail: "mail" } });
  const decided = decide({
    classes: [dbs, both],
    apps: [app("mounter", ["mails"], []), app("reader", ["dbs"], ["mails"])],
    missing: ["gone"],
  });
  assert.deepEqual(restarts(decided), []);
});

test("workloads that wait for each other's classes are let go, and who waits for them waits on", () => {
  const news = classOf("news", ["mail"], { news: { mail: "mail" } });
  const ring = [app("one", ["mails"], ["news"]), app("two", ["news"], ["mails"])];
  const decided = decide({ classes: [mails, news], apps: [...ring, app("reader", [], ["news"])] });
  assert.deepEqual([...restarts(decided)].sort(), ["one", "two"]);
});

test("where a ring cannot be let go, who waits for it waits for the same and polls nothing", () => {
  const news = classOf("news", ["mail"], { news: { mail: "mail" } });
  const uses = { mounts: ["mails", "news"].map((className) => ({ className, otherAttributes: [] })), reads: [] };
  const decided = decide({
    classes: [mails, news],
    apps: [app("one", ["mails"], ["news"]), app("two", ["news"], ["mails"]), app("reader", [], ["news"])],
    bare: [pod("bare", before, { uses })],
    driver: driverOf("1.6", "off"),
  });
  assert.deepEqual(restarts(decided), []);
  for (const outcome of decided.outcomes.values())
    assert.ok(outcome.kind === "waiting" && outcome.reason === "old-mount", JSON.stringify(outcome));
  assert.equal(decided.next.kind, "later");
});

test("a restart that waits for a person polls for nothing else, neither for Reloader nor for a Secret", () => {
  const wish = { kind: "DaemonSet", name: "by-hand", pods: 2, mounts: ["dbs", "mails"], reads: [] } as const;
  const byHand = workloadWithPods({ ...wish, startedAt: before, marked: [] });
  const reader = app("reader", ["dbs"], ["mails"]);
  const decided = decide({
    classes: [dbs, mails],
    apps: [
      { ...byHand, workload: { ...byHand.workload, strategy: "on-delete" } },
      { ...reader, workload: { ...reader.workload, reloader: { all: true } } },
    ],
    driver: driverOf("1.6", "off"),
  });
  assert.deepEqual(restarts(decided), []);
  const outcome = decided.outcomes.get("mails");
  assert.ok(outcome?.kind === "waiting" && outcome.reason === "on-delete", JSON.stringify(outcome));
  assert.deepEqual(decided.next, { kind: "later", atLeastMs: minute });
});

test("Reloader is not polled for while another workload's rollout, which has hung for long, must be proven first", () => {
  const made = app("reader", ["dbs"], ["mails"]);
  const reader: App = { ...made, workload: { ...made.workload, reloader: { all: true } } };
  const mounter = app("mounter", ["mails"], [], ["mail"]);
  const rollout = { ...mounter.workload.rollout, total: 3, updated: 1, completed: false };
  const hung = { ...mounter, workload: { ...mounter.workload, rollout } };
  const next = (...apps: readonly App[]) => decide({ classes: [dbs, mails], apps }).next;
  assert.deepEqual(next(reader, hung), { kind: "soon", ms: 30_000 });
  assert.deepEqual(next(reader), { kind: "soon", ms: 2000 });
});

test("a rollout of somebody else's is not sat and waited for where a person's pod may revert what it reads", () => {
  const made = app("reader", ["dbs"], ["mails"]);
  const rollout = { ...made.workload.rollout, total: 3, updated: 1, completed: false };
  const hangs = { started: false, ready: false, readyChangedAt: undefined, lastStartedAt: undefined } as const;
  const owner = { kind: "ReplicaSet", name: "reader-r2", uid: "uid-r2" };
  const ofNew = { owner, uses: made.workload.uses, revision: "r2", ...hangs };
  const reader = {
    workload: { ...made.workload, rollout },
    pods: [...made.pods, pod("reader-2", noon + 9 * minute, ofNew)],
  };
  const uses = { mounts: [{ className: "mails", otherAttributes: [] }], reads: [] };
  const bare: Partial<Namespace> = { bare: [pod("bare", before, { uses })] };
  const mounter = app("mounter", ["mails"], [], ["mail"]);
  const exceeded = { ...mounter.workload.rollout, updated: 1, completed: false, deadlineExceeded: true };
  const stuck = { apps: [reader, { ...mounter, workload: { ...mounter.workload, rollout: exceeded } }] };
  const look = (generation: Driver["generation"], given: Partial<Namespace>) => {
    const driver = driverOf(generation, "off");
    const { outcomes, steps, next } = decide({ classes: [dbs, mails], apps: [reader], driver, ...given });
    const said = [...outcomes.values()].map((outcome) => (outcome.kind === "converged" ? "converged" : outcome.reason));
    return [...said, ...steps.map(({ kind }) => kind), next.kind].join(", ");
  };
  // Each flip of the Secret makes Reloader begin another rollout there, and there would be no end to watching them.
  assert.equal(look("1.6", bare), "converged, old-mount, later");
  assert.equal(look("1.6", stuck), "converged, rollout-stuck, end");
  assert.equal(look("1.5", bare), "converged, rollout-running, soon");
  assert.equal(look("1.5", stuck), "converged, rollout-stuck, soon");
});

test("a pin that moved is said of its class while the workload awaits the driver for a value saved again", () => {
  const follows = classOf("follows", ["db"], {});
  const made = app("app", ["follows", "mails"], [], ["db"]);
  assert.ok(mails.content.ok);
  const pin = { ...mails.content, objects: mails.content.objects.map((item) => ({ ...item, pin: "v-mail" })) };
  const pinned = { ...mails, changedAt: noon + minute, content: { ...pin, secretObjects: [] } };
  const again = { ...versionOf("db", noon), version: "v-db-again" };
  const decided = decide({
    classes: [follows, pinned],
    apps: [made],
    // The driver has refreshed one pod's pinned mount, and not yet the other's.
    shown: (one, _class, object) =>
      object === "db" ? "v-db" : one.name === made.pods[0]?.name ? "v-mail" : "v-before",
    driver: driverOf("1.6", "on"),
    answers: [
      ["contoso/secret/db", { ok: true, current: again }],
      ["contoso/secret/mail@v-mail", { ok: true, current: versionOf("mail", noon) }],
    ],
    before: [["contoso/secret/db@v-db-again", versionOf("db", noon - 2 * hour)]],
  });
  for (const name of ["follows", "mails"])
    assert.deepEqual(decided.outcomes.get(name), {
      kind: "waiting",
      reason: "driver-refresh",
      about: ["Deployment/app"],
    });
});

test("a restart that waits for a missing Secret which nobody makes anew is not polled for", () => {
  const reader = app("reader", ["mails"], ["mails", "dbs"]);
  const next = (apps: readonly App[]) => {
    const decided = decide({ classes: [dbs, mails], apps, missing: ["dbs"] });
    const outcome = decided.outcomes.get("mails");
    assert.ok(outcome?.kind === "waiting" && outcome.reason === "secret-missing");
    return decided.next.kind;
  };
  assert.equal(next([reader]), "later");
  // The driver makes it for whoever mounts its class, after a touch within seconds.
  assert.equal(next([reader, app("owner", ["dbs"], [])]), "soon");
});

test("a missing Secret is missed also in the moment in which its reader has no pod; by nobody once it is scaled away", () => {
  const { workload } = app("reader", ["mails"], ["dbs"]);
  const outcome = (desired: number) =>
    decide({
      classes: [dbs, mails],
      apps: [{ workload: { ...workload, desired }, pods: [] }],
      missing: ["dbs"],
    }).outcomes.get("dbs");
  assert.deepEqual(outcome(1), {
    kind: "waiting",
    reason: "secret-missing",
    about: ["Secret/dbs", "Deployment/reader"],
  });
  assert.deepEqual(outcome(0), { kind: "converged", idle: true });
});

test("a missing Secret is missed in the moment in which what mounts its class has no pod, and looked for again soon", () => {
  const { workload } = app("owner", ["dbs"], []);
  const decided = decide({ classes: [dbs], apps: [{ workload, pods: [] }], missing: ["dbs"] });
  assert.deepEqual(decided.outcomes.get("dbs"), {
    kind: "waiting",
    reason: "secret-missing",
    about: ["Secret/dbs", "Deployment/owner"],
  });
  assert.deepEqual(decided.next, { kind: "soon", ms: 2000 });
});
