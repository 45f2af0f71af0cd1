/** A class that gained an object: what its restart carries, and what the marker says of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workload } from "../../../shared/core/observed.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import type { VersionAnswer } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  hour,
  minute,
  noon,
  planInput,
  pod,
  podStatus,
  policyOf,
  second,
  syncedSecret,
  vaultView,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";
import { app, born, decide, mails, restartMarkers, right } from "./one-mounter.ts";

test("newObjects: restart writes first, as every restart does", () => {
  const gained = { ...classOf("mails", ["mail", "token"], { mails: { mail: "mail" } }), changedAt: noon + 30 * minute };
  const secret = syncedSecret("mails", { mail: "old" }, { createdAt: noon - hour });
  const policy = policyOf({ newObjects: "restart" });
  const decided = decide({ classes: [gained], secret, policy });
  assert.deepEqual(
    decided.steps.map(({ kind }) => kind),
    ["write"],
  );
  assert.equal(restartMarkers(decide({ classes: [gained], policy })).length, 1);
});

test("newObjects: restart leaves out of the marker what its pods get too late", () => {
  // The key that `app` reads is fed by the new object now: it is written once a pod has mounted that.
  const fed = { ...classOf("mails", ["mail", "token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const [marker = ""] = restartMarkers(decide({ classes: [fed], policy: policyOf({ newObjects: "restart" }) }));
  assert.match(marker, /secret\/mail=v-mail/);
  assert.doesNotMatch(marker, /token/);
});

test("a restart for an object that its marker leaves out is not repeated while its pods are on their way", () => {
  // `token` is mounted through `other`; in `mails` it is new, and feeds a key that `app` reads: written once it is mounted.
  const fed = { ...classOf("mails", ["mail", "token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const [marker = ""] = restartsOf(app.workload, ["mails", "other"], fed);
  assert.match(marker, /secret\/mail=v-mail/);
  assert.doesNotMatch(marker, /token/);
  assert.deepEqual(restartsOf(restartedWith(marker), ["mails", "other"], fed), []);
});

test("nor is one whose marker has nothing else to name", () => {
  // `app` only reads of `mails`, whose pods have not mounted `token` yet.
  const fed = { ...classOf("mails", ["token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const [marker] = restartsOf(app.workload, ["other"], fed);
  assert.ok(marker !== undefined);
  assert.doesNotMatch(marker, /secret/);
  assert.deepEqual(restartsOf(restartedWith(marker), ["other"], fed), []);
  const complete = { ...restartedWith(marker), generation: app.workload.generation };
  assert.equal(
    restartsOf(complete, ["other"], fed).length,
    1,
    "its pods are there, and are not younger than the version",
  );
});

test("pods that a marker leaves a key out for are proven by times alone: their restart comes when these can tell", () => {
  const fed = { ...classOf("mails", ["mail", "token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const restarts = (of: ProviderClass, afterMs: number) =>
    restartsOf(app.workload, ["mails", "other"], of, afterMs).length;
  assert.equal(restarts(fed, 1900), 0);
  assert.equal(restarts(fed, 2000), 1);
  assert.equal(restarts(mails, 1000), 1, "its marker names all that feeds its keys");
});

function restartedWith(marker: string): Workload {
  return { ...app.workload, marker, generation: 3, restartedByUsAt: noon + hour + 9 * second };
}

/** The markers of the restarts that are due; `app` mounts these classes, `other` an older version of `token`. */
function restartsOf(
  workload: Workload,
  mounted: readonly string[],
  fed: ProviderClass,
  afterMs?: number,
): readonly string[] {
  const other = classOf("other", ["token"], {});
  const uses = { ...app.workload.uses, mounts: mounted.map((className) => ({ className, otherAttributes: [] })) };
  const mounter = pod("mounter", noon - hour, {
    uses: { mounts: [{ className: "mails", otherAttributes: [] }], reads: [] },
  });
  const pods = [...app.pods.map((one) => ({ ...one, uses })), ...(mounted.includes("mails") ? [] : [mounter])];
  const shown = new Map([
    ["mails", new Map([["secret/mail", "v-mail"]])],
    ["other", new Map([["secret/token", "v-before"]])],
  ]);
  const observed = observedOf({
    at: noon + hour + 10 * second,
    classes: [fed, other],
    secrets: new Map([["mails", { kind: "present", secret: right }]]),
    workloads: [{ ...workload, uses }],
    pods,
    podStatuses: pods.flatMap((one) =>
      one.uses.mounts.map(({ className }) => ({
        ...podStatus(one, className, []),
        versions: shown.get(className) ?? new Map<string, string>(),
      })),
    ),
  });
  const view = vaultView(new Map([...born, ["token", noon + hour - minute]]));
  const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
  const vault = { ...view, versions: new Map([["contoso/secret/token@v-before", earlier]]) };
  return restartMarkers(secondLook(planInput(observed, vault), afterMs));
}
