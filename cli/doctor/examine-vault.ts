/** Looks at one vault: whether it can be read, and the way of its events to the queue. */

import type { Arm } from "../../shared/adapters/arm.ts";
import {
  deliveryPrincipal,
  hasRole,
  parseEventSubscription,
  parseRoleAssignment,
  parseTopic,
  parseVaultPolicy,
} from "../../shared/core/doctor/azure-facts.ts";
import type { RoleAssignment, Topic } from "../../shared/core/doctor/azure-facts.ts";
import { checkEvents } from "../../shared/core/doctor/check-events.ts";
import type { SubscriptionPath, TopicPath } from "../../shared/core/doctor/check-events.ts";
import { checkVault } from "../../shared/core/doctor/check-vault.ts";
import type { VaultFacts } from "../../shared/core/doctor/check-vault.ts";
import { warning } from "../../shared/core/doctor/check.ts";
import type { Check, CheckGroup } from "../../shared/core/doctor/check.ts";
import { field, number, text } from "../../shared/core/kubernetes/read.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { VaultObject } from "../../shared/core/vault-object.ts";
import type { Clock, Vault } from "../../shared/ports.ts";

export interface VaultSubject {
  readonly name: string;
  /** What the classes that were read name of it. */
  readonly objects: readonly VaultObject[];
  readonly vault: Vault;
  /** Undefined: Azure is not asked, because the vault is a stand-in on this machine. */
  readonly arm: Arm | undefined;
  readonly queue: string;
  /** The bridge's object id, where the caller gave it. */
  readonly user: string | undefined;
  readonly clock: Clock;
  readonly say: (doing: string) => void;
}

export async function* examineVault(subject: VaultSubject): AsyncGenerator<CheckGroup, void, void> {
  const { name, arm, say } = subject;
  say(`Looking at vault ${name}`);
  const place = arm === undefined ? undefined : await findVault(arm, name);
  yield { title: `Vault ${name}: access`, checks: checkVault(await accessFacts(subject, place)) };
  if (arm === undefined || place === undefined) return;
  say(`Following the events of ${name}`);
  yield { title: `Vault ${name}: events`, checks: await eventChecks(subject, arm, place) };
}

const versions = {
  subscriptions: "2022-12-01",
  resources: "2021-04-01",
  vault: "2026-02-01",
  roles: "2022-04-01",
  eventGrid: "2025-02-15",
  storage: "2025-06-01",
} as const;

type Place = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly why: string };

/** ARM id of a vault: its name is unique in Azure, so the first is it. */
async function findVault(arm: Arm, name: string): Promise<Place> {
  try {
    const subscriptions = await arm.list("/subscriptions", { version: versions.subscriptions });
    for (const subscription of subscriptions.flatMap((one) => text(field(one, "subscriptionId")) ?? [])) {
      const found = await arm.list(`/subscriptions/${encodeURIComponent(subscription)}/resources`, {
        version: versions.resources,
        filter: `resourceType eq 'Microsoft.KeyVault/vaults' and name eq '${name}'`,
      });
      const id = text(field(found[0], "id"));
      if (id !== undefined) return { ok: true, id };
    }
    return { ok: false, why: "it is in no subscription that you can see." };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ok: false, why: error.message };
    throw error;
  }
}

async function accessFacts(subject: VaultSubject, place: Place | undefined): Promise<VaultFacts> {
  const { name, objects, user } = subject;
  const needsCertificates = objects.some(({ type }) => type !== "secret");
  const facts = { vault: name, caller: await callersReads(subject), needsCertificates };
  if (place === undefined) return { ...facts, bridge: undefined, unknown: undefined };
  if (user === undefined) return { ...facts, bridge: undefined, unknown: "give the identity's object id with --as." };
  if (!place.ok) return { ...facts, bridge: undefined, unknown: place.why };
  const { arm } = subject;
  if (arm === undefined) return { ...facts, bridge: undefined, unknown: undefined };
  try {
    const [vault, assignments] = await Promise.all([
      arm.get(place.id, { version: versions.vault }),
      rolesOn(arm, place.id, user),
    ]);
    return {
      ...facts,
      bridge: { user, id: place.id, policy: parseVaultPolicy(vault), assignments },
      unknown: undefined,
    };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ...facts, bridge: undefined, unknown: error.message };
    throw error;
  }
}

/** One object is enough: access is the vault's. That an object is missing is said of its class. */
async function callersReads({ objects, vault }: VaultSubject): Promise<VaultFacts["caller"]> {
  const object = objects.find(({ type }) => type === "secret") ?? objects[0];
  if (object === undefined) return undefined;
  const [get, list] = await Promise.all([vault.current(object), vault.versions(object)]);
  const word = (answer: typeof get | typeof list) =>
    answer.ok || answer.problem === "not-found" || answer.problem === "disabled" ? "ok" : answer.problem;
  return { get: word(get), list: word(list) };
}

async function eventChecks(subject: VaultSubject, arm: Arm, place: Place): Promise<readonly Check[]> {
  const { name, queue, clock } = subject;
  const unread = (why: string) =>
    warning(
      `The way of its events was not looked at: ${why}`,
      "Sign in as a Reader of vault, topic and storage account.",
    );
  if (!place.ok) return [unread(place.why)];
  try {
    const subscription = place.id.split("/")[2] ?? "";
    const all = await arm.list(
      `/subscriptions/${encodeURIComponent(subscription)}/providers/Microsoft.EventGrid/systemTopics`,
      {
        version: versions.eventGrid,
      },
    );
    const topics = all.map(parseTopic).filter(({ source }) => source === place.id.toLowerCase());
    const paths: TopicPath[] = [];
    for (const topic of topics) {
      const found = await arm.list(`${topic.id}/eventSubscriptions`, { version: versions.eventGrid });
      const subscriptions: SubscriptionPath[] = [];
      for (const raw of found) subscriptions.push(await subscriptionPath(arm, topic, raw));
      paths.push({ topic, subscriptions });
    }
    return checkEvents({ vault: name, queue, topics: paths }, clock.now());
  } catch (error) {
    if (error instanceof RemoteProblem) return [unread(error.message)];
    throw error;
  }
}

/** Built-in roles have the same ids in every tenant; infra/access.bicep assigns the first of each. */
const senders = ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"];
const blobWriters = ["ba92f5b4-2d11-453d-a403-e96b0029c9fe", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"];

async function subscriptionPath(arm: Arm, topic: Topic, raw: unknown): Promise<SubscriptionPath> {
  const subscription = parseEventSubscription(raw);
  const principal = deliveryPrincipal(subscription, topic);
  const may = async (scope: string, roles: readonly string[]) => {
    if (principal === undefined) return undefined;
    const assignments = await unlessUnread(rolesOn(arm, scope, principal));
    return assignments === undefined ? undefined : hasRole(assignments, roles, scope);
  };
  const { destination, deadLetter } = subscription;
  const queueId =
    destination.kind === "queue"
      ? `${destination.account}/queueServices/default/queues/${destination.queue}`
      : undefined;
  const containerId =
    deadLetter === undefined
      ? undefined
      : `${deadLetter.account}/blobServices/default/containers/${deadLetter.container}`;
  return {
    subscription,
    queue:
      queueId === undefined
        ? undefined
        : {
            exists: await exists(arm, queueId),
            maySend: await may(queueId, senders),
            poison: number(
              field(
                await unlessUnread(arm.get(`${queueId}-poison`, { version: versions.storage })),
                "properties",
                "approximateMessageCount",
              ),
            ),
          },
    deadLetter:
      containerId === undefined
        ? undefined
        : { exists: await exists(arm, containerId), mayWrite: await may(containerId, blobWriters) },
  };
}

async function rolesOn(arm: Arm, scope: string, principal: string): Promise<readonly RoleAssignment[]> {
  const filter = `principalId eq '${principal.replaceAll("'", "")}'`;
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
  return (await arm.list(path, { version: versions.roles, filter })).map(parseRoleAssignment);
}

async function exists(arm: Arm, id: string): Promise<boolean | undefined> {
  try {
    await arm.get(id, { version: versions.storage });
    return true;
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    return error.kind === "not-found" ? false : undefined;
  }
}

async function unlessUnread<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem) return undefined;
    throw error;
  }
}
