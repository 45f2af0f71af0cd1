/** A class that gained an object: what its restart carries, and what the marker says of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workload } from "../../../shared/core/observed.ts";
import type { VersionAnswer } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  hour,
  minute,
  noon,
  planInput,
  podStatus,
  policyOf,
  second,
  syncedSecret,
  vaultView,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";
import { app, born, decide, restartMarkers, right } from "./one-mounter.ts";

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
  const other = classOf("other", ["token"], {});
  const mounts = ["mails", "other"].map((className) => ({ className, otherAttributes: [] }));
  const uses = { ...app.workload.uses, mounts };
  const shown = new Map([
    ["mails", new Map([["secret/mail", "v-mail"]])],
    ["other", new Map([["secret/token", "v-before"]])],
  ]);
  const steps = (workload: Workload) => {
    const observed = observedOf({
      at: noon + hour + 10 * second,
      classes: [fed, other],
      secrets: new Map([["mails", { kind: "present", secret: right }]]),
      workloads: [{ ...workload, uses }],
      pods: app.pods.map((pod) => ({ ...pod, uses })),
      podStatuses: app.pods.flatMap((pod) =>
        [...shown].map(([name, versions]) => ({ ...podStatus(pod, name, []), versions })),
      ),
    });
    const view = vaultView(new Map([...born, ["token", noon + hour - minute]]));
    const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
    const vault = { ...view, versions: new Map([["contoso/secret/token@v-before", earlier]]) };
    const input = planInput(observed, vault);
    return restartMarkers(secondLook(input));
  };
  const [marker = ""] = steps(app.workload);
  assert.doesNotMatch(marker, /token/);
  const restarted = { ...app.workload, marker, generation: 3, restartedByUsAt: noon + hour + 9 * second };
  assert.deepEqual(steps(restarted), []);
});
