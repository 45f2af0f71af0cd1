/** Bytes that the driver wrote after the vault's answer was created: older ones, or newer than the answer? */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { ObjectVersion, VersionAnswer } from "../../../shared/core/vault-object.ts";
import { drivers, hour, minute, noon, ours, second, syncedSecret, versionOf, writer } from "./builders.ts";
import { decide, mails } from "./one-mounter.ts";

test("bytes of the driver's that no mount explains are an older version's, or speak for a newer one", () => {
  const writers = [writer(drivers, noon + 5 * minute, "mail")];
  const secret = syncedSecret("mails", { mail: "other" }, { writers });
  const before = (value: string) =>
    new Map([
      [
        "contoso/secret/mail@v-mail",
        { ...versionOf("mail", noon - hour), version: "v-old", value: SecretValue.fromText(value) },
      ],
    ]);
  const stepsOf = (changes: Parameters<typeof decide>[0]) => {
    const decided = decide({ secret, ...changes });
    return { steps: decided.steps.map(({ kind }) => kind), needs: decided.needs };
  };
  assert.deepEqual(
    stepsOf({}).needs.map(({ kind }) => kind),
    ["before"],
  );
  assert.deepEqual(stepsOf({ before: before("other") }), { steps: ["write"], needs: [] });
  const held = decide({ secret, before: before("older still") });
  const older = held.needs.map((need) => (need.kind === "before" ? need.version : ""));
  assert.deepEqual(older, ["v-old"]);
  const first = new Map<string, ObjectVersion | undefined>([
    ...before("older still"),
    ["contoso/secret/mail@v-old", undefined] as const,
  ]);
  const about = ["contoso/secret/mail"];
  const waits = decide({ secret, before: first });
  assert.deepEqual(waits.outcomes.get("mails"), { kind: "waiting", reason: "vault-stale", about });
  assert.deepEqual(waits.steps, []);
  // What explains them: a mount that is there, a class that was changed since, and that the version came later.
  const known: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
  const versions = new Map([["contoso/secret/mail@v-old", known]]);
  assert.deepEqual(stepsOf({ shows: "v-old", versions }).needs, []);
  assert.deepEqual(stepsOf({ classes: [{ ...mails, changedAt: noon + 10 * minute }] }).needs, []);
  const early = syncedSecret("mails", { mail: "other" }, { writers: [writer(drivers, noon + 5 * second, "mail")] });
  assert.deepEqual(stepsOf({ secret: early }).needs, []);
});

test("bytes that we wrote within seconds of the answer's version are the one before, or of one that followed at once", () => {
  const wrote = (at: number) => syncedSecret("mails", { mail: "other" }, { writers: [writer(ours, at, "mail")] });
  const secret = wrote(noon + 4 * second);
  const before = (value: string | undefined) =>
    new Map([
      [
        "contoso/secret/mail@v-mail",
        value === undefined
          ? undefined
          : { ...versionOf("mail", noon - hour), version: "v-old", value: SecretValue.fromText(value) },
      ],
    ]);
  const kinds = (changes: Parameters<typeof decide>[0]) => decide({ secret, ...changes }).needs.map(({ kind }) => kind);
  // Whatever is mounted: it was not a mount that wrote them.
  assert.deepEqual(kinds({}), ["before"]);
  assert.deepEqual(
    decide({ secret, before: before("other") }).steps.map(({ kind }) => kind),
    ["write"],
  );
  const waits = decide({ secret, before: before(undefined) });
  assert.deepEqual([waits.steps, waits.outcomes.get("mails")?.kind], [[], "waiting"]);
  // Long before the version nobody can have known of a newer one.
  assert.deepEqual(kinds({ secret: wrote(noon - minute) }), []);
});
