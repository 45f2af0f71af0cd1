/** A world where all is as doctor wants it: cluster, vault, cage, and Azure's side of the event path. */

import { readFileSync } from "node:fs";
import { cageManifests } from "../../cli/cage.ts";
import type { AskedLeave } from "../../local/cluster/http-reviews.ts";
import { startResourceManager } from "../../local/resource-manager.ts";
import type { ResourceManager } from "../../local/resource-manager.ts";
import { field } from "../../shared/core/kubernetes/read.ts";
import { applyApp } from "../scenarios/one-app.ts";
import type { World } from "../scenarios/world.ts";
import { startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";
import type { Run } from "./run-cli.ts";

export const bridge = "11111111-2222-3333-4444-555555555555";
export const person = "someone@example.com";

const group = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/rg-shop/providers";
export const ids = {
  vault: `${group}/Microsoft.KeyVault/vaults/contoso`,
  topic: `${group}/Microsoft.EventGrid/systemTopics/topic-contoso`,
  subscription: `${group}/Microsoft.EventGrid/systemTopics/topic-contoso/eventSubscriptions/rotation-bridge`,
  queue: `${group}/Microsoft.Storage/storageAccounts/strb/queueServices/default/queues/rotations`,
  container: `${group}/Microsoft.Storage/storageAccounts/strb/blobServices/default/containers/dead-letters`,
} as const;

const topicPrincipal = "77777777-0000-0000-0000-000000000000";
const roles = {
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  sender: "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
  blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;

export interface DoctorLab {
  readonly lab: Lab;
  readonly azure: ResourceManager;
  /** What the bridge and the person may not do, by `verb resource`. */
  readonly denied: Set<string>;
  doctor(...args: readonly string[]): Promise<Run>;
  close(): Promise<void>;
}

export async function startDoctorLab(build: (world: World) => void = () => undefined): Promise<DoctorLab> {
  const denied = new Set<string>();
  const allows = ({ user, verb, resource }: AskedLeave) => !denied.has(`${user} ${verb} ${resource}`);
  const lab = await startLab(
    async (world) => {
      world.set("db", "hunter2-of-the-lab");
      applyApp(world);
      for (const manifest of cageManifests(cageFile, bridge)) world.blue.apply(manifest);
      build(world);
      await world.pass(900_000);
    },
    { map: "mode: act", front: { user: person, allows } },
  );
  const azure = await startResourceManager({ acceptToken: (token) => audienceOf(token) === azure.url });
  fill(azure);
  return {
    lab,
    azure,
    denied,
    doctor: (...args) => lab.run("doctor", "--resource-manager", azure.url, ...args),
    close: async () => {
      await Promise.all([lab.close(), azure.close()]);
    },
  };
}

const cageFile = readFileSync(new URL("../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");

/** Of a token that the stand-in for the identity endpoint gave. */
function audienceOf(token: string): unknown {
  const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return field(claims, "aud");
}

/** As infra/ deploys it. */
function fill(azure: ResourceManager): void {
  azure.put("/subscriptions/aaaaaaaa-0000-0000-0000-000000000000", {
    subscriptionId: "aaaaaaaa-0000-0000-0000-000000000000",
  });
  azure.put(ids.vault, { properties: { enableRbacAuthorization: true } });
  azure.put(ids.topic, {
    identity: { type: "SystemAssigned", principalId: topicPrincipal },
    properties: { source: ids.vault, topicType: "Microsoft.KeyVault.vaults" },
  });
  azure.put(ids.subscription, eventSubscription());
  azure.put(ids.queue, { properties: { approximateMessageCount: 0 } });
  azure.put(`${ids.queue}-poison`, { properties: { approximateMessageCount: 0 } });
  azure.put(ids.container, { properties: {} });
  assign(azure, ids.vault, bridge, roles.secretsUser);
  assign(azure, ids.queue, topicPrincipal, roles.sender);
  assign(azure, ids.container, topicPrincipal, roles.blobContributor);
}

export function assignmentId(scope: string): string {
  return `${scope}/providers/Microsoft.Authorization/roleAssignments/one`;
}

function assign(azure: ResourceManager, scope: string, principalId: string, role: string): void {
  const roleDefinitionId = `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  azure.put(assignmentId(scope), { properties: { scope, principalId, roleDefinitionId } });
}

export function eventSubscription(changes: Readonly<Record<string, unknown>> = {}) {
  const storage = ids.queue.split("/queueServices")[0];
  const identity = { type: "SystemAssigned" };
  return {
    properties: {
      provisioningState: "Succeeded",
      destination: null,
      deliveryWithResourceIdentity: {
        identity,
        destination: { endpointType: "StorageQueue", properties: { resourceId: storage, queueName: "rotations" } },
      },
      deadLetterWithResourceIdentity: {
        identity,
        deadLetterDestination: {
          endpointType: "StorageBlob",
          properties: { resourceId: storage, blobContainerName: "dead-letters" },
        },
      },
      filter: {
        includedEventTypes: [
          "Microsoft.KeyVault.SecretNewVersionCreated",
          "Microsoft.KeyVault.CertificateNewVersionCreated",
          "Microsoft.KeyVault.KeyNewVersionCreated",
        ],
        subjectBeginsWith: "",
        advancedFilters: [],
      },
      ...changes,
    },
  };
}
