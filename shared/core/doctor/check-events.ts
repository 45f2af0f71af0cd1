/** The way of an event from a vault to the bridge's queue: topic, subscription, identity, queue, dead letters. */

import { deliveryPrincipal } from "./azure-facts.ts";
import type { EventSubscription, Topic } from "./azure-facts.ts";
import { listed, ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

export interface EventPath {
  readonly vault: string;
  readonly queue: string;
  readonly topics: readonly TopicPath[];
}

export interface TopicPath {
  readonly topic: Topic;
  readonly subscriptions: readonly SubscriptionPath[];
}

/** `undefined` in a fact: it could not be read. */
export interface SubscriptionPath {
  readonly subscription: EventSubscription;
  readonly queue: QueueFacts | undefined;
  readonly deadLetter: { readonly exists: boolean | undefined; readonly mayWrite: boolean | undefined } | undefined;
}

export interface QueueFacts {
  readonly exists: boolean | undefined;
  /** May the identity that delivers put messages on it? */
  readonly maySend: boolean | undefined;
  /** Messages in the poison queue beside it, about. */
  readonly poison: number | undefined;
}

const newVersion = [
  "Microsoft.KeyVault.SecretNewVersionCreated",
  "Microsoft.KeyVault.CertificateNewVersionCreated",
  "Microsoft.KeyVault.KeyNewVersionCreated",
] as const;

const deploy = "Deploy infra/ with this vault (docs/install.md).";

/** `now`: milliseconds since 1970. */
export function checkEvents({ vault, queue, topics }: EventPath, now: number): readonly Check[] {
  if (topics.length === 0)
    return [
      problem(
        `${vault} has no Event Grid system topic, so no event tells the bridge of a new version; only its timer finds them.`,
        deploy,
      ),
    ];
  const mine = topics.flatMap(({ topic, subscriptions }) =>
    subscriptions.filter(({ subscription }) => isOurs(subscription, queue)).map((path) => ({ topic, path })),
  );
  if (mine.length === 0)
    return [
      problem(
        `The system topic ${listed(topics.map(({ topic }) => topic.name))} of ${vault} has no event subscription that ends at a queue ${queue} or at keyVaultEvent.`,
        deploy,
      ),
    ];
  return mine.flatMap(({ topic, path }) => checkSubscription(topic, path, now));
}

/** Of several bridges each has its own subscription; all that deliver to such a queue are looked at. */
function isOurs({ destination }: EventSubscription, queue: string): boolean {
  if (destination.kind === "queue") return destination.queue === queue;
  return destination.kind === "function" && /\/functions\/keyVaultEvent$/i.test(destination.id);
}

function checkSubscription(topic: Topic, { subscription, queue, deadLetter }: SubscriptionPath, now: number): Check[] {
  const name = `Event subscription ${subscription.name}`;
  const checks: Check[] = [];
  const { types, state, destination, expires } = subscription;
  const missing = newVersion.filter((type) => types !== undefined && !types.includes(type));
  const past = expires !== undefined && Date.parse(expires) <= now;
  if (past) checks.push(problem(`${name} has expired.`, deploy));
  else if (state !== "Succeeded")
    checks.push(problem(`${name} is not in order: ${state === "" ? "no state" : state}.`, deploy));
  else if (missing.length > 0)
    checks.push(
      problem(`${name} leaves out ${missing.join(", ")}.`, "Include these types: a certificate is a secret too."),
    );
  else checks.push(ok(`${name} of topic ${topic.name} takes the three NewVersionCreated types.`));
  if (subscription.filtered)
    checks.push(
      warning(
        `${name} has filters: objects that they leave out raise no event.`,
        "Compare them with what the classes name.",
      ),
    );
  if (destination.kind === "queue") checks.push(...checkDelivery(name, topic, subscription, destination.queue, queue));
  else checks.push(ok(`${name} calls the function keyVaultEvent, which puts events on the queue.`));
  checks.push(checkDeadLetter(name, subscription, deadLetter));
  return checks;
}

function checkDelivery(
  name: string,
  topic: Topic,
  subscription: EventSubscription,
  queueName: string,
  queue: QueueFacts | undefined,
): readonly Check[] {
  const checks: Check[] = [];
  if (subscription.identity === undefined)
    checks.push(
      warning(`${name} delivers with the storage account's key.`, `Deliver with a managed identity: ${deploy}`),
    );
  else if (deliveryPrincipal(subscription, topic) === undefined)
    checks.push(problem(`${name} delivers with an identity that topic ${topic.name} does not have.`, deploy));
  else if (queue?.maySend === false)
    checks.push(
      problem(
        `The identity with which ${lower(name)} delivers lacks Storage Queue Data Message Sender on queue ${queueName}.`,
        "Assign it on the queue: without it every event is lost or dead-lettered.",
      ),
    );
  else if (queue?.maySend === true)
    checks.push(ok(`It delivers with a managed identity that may put messages on queue ${queueName}.`));
  else
    checks.push(
      warning(
        `Whether ${lower(name)} may put messages on queue ${queueName} could not be read.`,
        "Sign in as a Reader of the storage account.",
      ),
    );
  if (queue?.exists === false)
    checks.push(
      problem(`Queue ${queueName} is not there.`, "Deploy infra/, or start the app once: it makes its queue."),
    );
  if (queue?.poison !== undefined && queue.poison > 0)
    checks.push(
      warning(
        `About ${queue.poison} messages were given up and lie in ${queueName}-poison.`,
        "Look at them with `rotation-bridge replay --list`, then put them back.",
      ),
    );
  return checks;
}

/** In the middle of a sentence. */
function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function checkDeadLetter(
  name: string,
  { deadLetter }: EventSubscription,
  facts: SubscriptionPath["deadLetter"],
): Check {
  if (deadLetter === undefined)
    return warning(`${name} has no dead-letter container: what cannot be delivered is dropped.`, deploy);
  const what = `Dead-letter container ${deadLetter.container}`;
  if (facts?.exists === false)
    return problem(`${what} is not there.`, "Make it: what cannot be delivered is dropped without it.");
  if (facts?.mayWrite === false)
    return problem(
      `The topic's identity may not write to ${what.toLowerCase()}.`,
      "Assign Storage Blob Data Contributor on it.",
    );
  return facts?.exists === true
    ? ok(`What cannot be delivered goes to container ${deadLetter.container}.`)
    : warning(`${what} could not be read.`, "Sign in as a Reader of the storage account.");
}
