/** Vault access and the way of the events, from what Azure Resource Manager answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasRole,
  parseEventSubscription,
  parseTopic,
  parseVaultPolicy,
} from "../../../shared/core/doctor/azure-facts.ts";
import { checkEvents } from "../../../shared/core/doctor/check-events.ts";
import type { QueueFacts } from "../../../shared/core/doctor/check-events.ts";
import { checkVault } from "../../../shared/core/doctor/check-vault.ts";
import type { VaultFacts } from "../../../shared/core/doctor/check-vault.ts";
import type { Check } from "../../../shared/core/doctor/check.ts";
import { eventSubscription, ids } from "../../cli/doctor-lab.ts";
import { said, unmended } from "./said.ts";

const now = Date.UTC(2026, 10, 1);
const topic = {
  id: ids.topic,
  name: "topic-contoso",
  identity: { principalId: "p" },
  properties: { source: ids.vault },
};

function holds(checks: readonly Check[], wanted: readonly RegExp[]): void {
  const lines = said(checks).filter((line) => !line.startsWith("✓"));
  assert.equal(lines.length, wanted.length, said(checks).join("\n"));
  for (const [index, pattern] of wanted.entries()) assert.match(lines[index] ?? "", pattern);
  assert.deepEqual(unmended(checks), []);
}

interface Row {
  readonly what: string;
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly queue?: Partial<QueueFacts>;
  readonly deadLetter?: { readonly exists: boolean | undefined; readonly mayWrite: boolean | undefined };
  readonly says: readonly RegExp[];
}

const good = { exists: true, maySend: true, poison: 0 };
const delivery = eventSubscription().properties.deliveryWithResourceIdentity;

const rows: readonly Row[] = [
  { what: "as infra/ deploys it", says: [] },
  { what: "that failed", changes: { provisioningState: "Failed" }, says: [/^× .* not in order: Failed/] },
  { what: "that has expired", changes: { expirationTimeUtc: "2026-01-01T00:00:00Z" }, says: [/^× .* has expired/] },
  {
    what: "without certificates",
    changes: {
      filter: {
        includedEventTypes: ["Microsoft.KeyVault.SecretNewVersionCreated", "Microsoft.KeyVault.KeyNewVersionCreated"],
      },
    },
    says: [/^× .* leaves out Microsoft\.KeyVault\.CertificateNewVersionCreated/],
  },
  { what: "of all types", changes: { filter: {} }, says: [] },
  {
    what: "with a filter by name",
    changes: { filter: { subjectBeginsWith: "shop-" } },
    says: [/^! .* has filters/],
  },
  {
    what: "that delivers with the account's key",
    changes: { deliveryWithResourceIdentity: null, destination: delivery.destination },
    says: [/^! .* with the storage account's key/],
  },
  {
    what: "with an identity that the topic lost",
    changes: { deliveryWithResourceIdentity: { ...delivery, identity: { userAssignedIdentity: "/x" } } },
    says: [/^× .* an identity that topic topic-contoso does not have/],
  },
  { what: "whose identity may not send", queue: { maySend: false }, says: [/^× .* lacks Storage Queue Data Message/] },
  { what: "of whose role nothing is known", queue: { maySend: undefined }, says: [/^! Whether .* could not be read/] },
  { what: "to a queue that is gone", queue: { exists: false }, says: [/^× Queue rotations is not there/] },
  { what: "with given-up messages", queue: { poison: 3 }, says: [/^! About 3 messages .* rotations-poison/] },
  {
    what: "without dead letters",
    changes: { deadLetterWithResourceIdentity: null },
    says: [/^! .* has no dead-letter container/],
  },
  {
    what: "whose container is gone",
    deadLetter: { exists: false, mayWrite: undefined },
    says: [/^× Dead-letter container dead-letters is not there/],
  },
  {
    what: "that may not keep dead letters",
    deadLetter: { exists: true, mayWrite: false },
    says: [/^× The topic's identity may not write/],
  },
];

for (const { what, changes = {}, queue = {}, deadLetter = { exists: true, mayWrite: true }, says } of rows) {
  test(`an event subscription ${what}`, () => {
    const subscription = parseEventSubscription({ name: "rotation-bridge", ...eventSubscription(changes) });
    const subscriptions = [{ subscription, queue: { ...good, ...queue }, deadLetter }];
    const topics = [{ topic: parseTopic(topic), subscriptions }];
    holds(checkEvents({ vault: "contoso", queue: "rotations", topics }, now), says);
  });
}

test("no topic, no subscription of ours, and one that calls the function", () => {
  const path = { vault: "contoso", queue: "rotations" };
  holds(checkEvents({ ...path, topics: [] }, now), [/^× contoso has no Event Grid system topic/]);
  const other = parseEventSubscription(eventSubscription({ deliveryWithResourceIdentity: null }));
  const of = (subscription: typeof other) => [
    { topic: parseTopic(topic), subscriptions: [{ subscription, queue: undefined, deadLetter: undefined }] },
  ];
  holds(checkEvents({ ...path, topics: of(other) }, now), [/^× .* no event subscription that ends at a queue/]);
  const direct = parseEventSubscription(
    eventSubscription({
      deliveryWithResourceIdentity: null,
      destination: { endpointType: "AzureFunction", properties: { resourceId: "/x/functions/keyVaultEvent" } },
    }),
  );
  holds(checkEvents({ ...path, topics: of(direct) }, now), [/^! Dead-letter container .* could not be read/]);
});

test("a role counts on the resource and on what holds it, not on a neighbour with a longer name", () => {
  const on = (scope: string) => hasRole([{ role: "r", scope }], ["r"], "/Subscriptions/A/RG/v");
  assert.deepEqual(["/subscriptions/a/rg/v", "/subscriptions/a", "", "/subscriptions/a/rg/vv", "/sub"].map(on), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

const roleIds = {
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  certificateUser: "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
} as const;
const roles = (role: string | undefined): NonNullable<VaultFacts["bridge"]> => ({
  user: "b",
  id: "/v",
  policy: { kind: "roles" },
  assignments: role === undefined ? [] : [{ role, scope: "/v" }],
});
const policies = (permissions: object): NonNullable<VaultFacts["bridge"]> => ({
  user: "B",
  id: "/v",
  policy: parseVaultPolicy({ properties: { accessPolicies: [{ objectId: "b", permissions }] } }),
  assignments: [],
});

const vaults: readonly (Partial<VaultFacts> & { readonly what: string; readonly says: readonly RegExp[] })[] = [
  { what: "the role for secrets", bridge: roles(roleIds.secretsUser), says: [] },
  { what: "no role", bridge: roles(undefined), says: [/^× The bridge lacks the role Key Vault Secrets User on kv/] },
  {
    what: "the role for secrets, and classes name certificates",
    bridge: roles(roleIds.secretsUser),
    needsCertificates: true,
    says: [/^× .* lacks the role Key Vault Certificate User/],
  },
  { what: "the role for all", bridge: roles(roleIds.certificateUser), needsCertificates: true, says: [] },
  { what: "an access policy", bridge: policies({ secrets: ["Get", "List"] }), says: [] },
  {
    what: "half an access policy",
    bridge: policies({ secrets: ["get"], certificates: ["all"] }),
    needsCertificates: true,
    says: [/^× .* gives the bridge secrets\/list, keys\/get, keys\/list/],
  },
  { what: "no word of Azure", unknown: "Azure answered 403.", says: [/^! Whether .* Azure answered 403/] },
  { what: "a caller who may not", caller: { get: "forbidden", list: "ok" }, says: [/^! .* get \(forbidden\)/] },
  { what: "a vault that is silent", caller: { get: "unavailable", list: "ok" }, says: [/^× kv does not answer/] },
];

for (const { what, says, ...facts } of vaults) {
  test(`vault access: ${what}`, () => {
    const none = { vault: "kv", caller: undefined, needsCertificates: false, bridge: undefined, unknown: undefined };
    holds(checkVault({ ...none, ...facts }), says);
  });
}
