/** Follows the events of one vault: system topic, subscription, queue and dead letters, and who may deliver there. */

import type { Arm } from "../../shared/adapters/arm.ts";
import {
  deliveryPrincipal,
  hasRole,
  parseEventSubscription,
  parseTopic,
} from "../../shared/core/doctor/azure-facts.ts";
import type { Topic } from "../../shared/core/doctor/azure-facts.ts";
import { checkEvents } from "../../shared/core/doctor/check-events.ts";
import type { SubscriptionPath, TopicPath } from "../../shared/core/doctor/check-events.ts";
import { warning } from "../../shared/core/doctor/check.ts";
import type { Check } from "../../shared/core/doctor/check.ts";
import { field, number } from "../../shared/core/kubernetes/read.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { apiVersions, exists, rolesOn, unlessUnread } from "./azure-reads.ts";
import type { Place } from "./azure-reads.ts";
import type { VaultSubject } from "./vault-subject.ts";

export async function examineEvents(subject: VaultSubject, arm: Arm, place: Place): Promise<readonly Check[]> {
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
        version: apiVersions.eventGrid,
      },
    );
    const topics = all.map(parseTopic).filter(({ source }) => source === place.id.toLowerCase());
    const paths: TopicPath[] = [];
    for (const topic of topics) {
      const found = await arm.list(`${topic.id}/eventSubscriptions`, { version: apiVersions.eventGrid });
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
                await unlessUnread(arm.get(`${queueId}-poison`, { version: apiVersions.storage })),
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
