/** What Azure Resource Manager says of a vault and of the way of its events, as far as `doctor` looks at it. */

import { entries, field, list, text } from "../kubernetes/read.ts";

/** A system topic of Event Grid (Microsoft.EventGrid/systemTopics). */
export interface Topic {
  readonly id: string;
  readonly name: string;
  /** ARM id of what it hears, in lower case. */
  readonly source: string;
  /** Principal id of its own identity. */
  readonly systemIdentity: string | undefined;
  /** Principal ids of its user-assigned identities, by ARM id in lower case. */
  readonly userIdentities: ReadonlyMap<string, string>;
}

/** Where events go: ARM id of the storage account and a queue's name, or the id of a function. */
export type Destination =
  | { readonly kind: "queue"; readonly account: string; readonly queue: string }
  | { readonly kind: "function"; readonly id: string }
  | { readonly kind: "other"; readonly type: string };

/** An event subscription of a system topic. */
export interface EventSubscription {
  readonly name: string;
  /** `Succeeded` where it works. */
  readonly state: string;
  /** Undefined: all types. */
  readonly types: readonly string[] | undefined;
  readonly destination: Destination;
  /** Which identity delivers: the topic's own, a user-assigned one (ARM id in lower case), or none but a key. */
  readonly identity: "system" | { readonly userAssigned: string } | undefined;
  readonly deadLetter: { readonly account: string; readonly container: string } | undefined;
  /** Is there a filter by name or by anything else? */
  readonly filtered: boolean;
  /** ISO 8601; undefined: never. */
  readonly expires: string | undefined;
}

export function parseTopic(raw: unknown): Topic {
  const users = entries(field(raw, "identity", "userAssignedIdentities")).flatMap(([id, value]) => {
    const principal = text(field(value, "principalId"));
    return principal === undefined ? [] : [[id.toLowerCase(), principal] as const];
  });
  return {
    id: text(field(raw, "id")) ?? "",
    name: text(field(raw, "name")) ?? "",
    source: (text(field(raw, "properties", "source")) ?? "").toLowerCase(),
    systemIdentity: text(field(raw, "identity", "principalId")),
    userIdentities: new Map(users),
  };
}

export function parseEventSubscription(raw: unknown): EventSubscription {
  const properties = field(raw, "properties");
  const filter = field(properties, "filter");
  const types = list(field(filter, "includedEventTypes")).flatMap((one) => text(one) ?? []);
  const delivery = field(properties, "deliveryWithResourceIdentity");
  const destination = field(delivery, "destination") ?? field(properties, "destination");
  const dead =
    field(properties, "deadLetterWithResourceIdentity", "deadLetterDestination") ??
    field(properties, "deadLetterDestination");
  const account = text(field(dead, "properties", "resourceId"));
  const container = text(field(dead, "properties", "blobContainerName"));
  const begins = text(field(filter, "subjectBeginsWith")) ?? "";
  const ends = text(field(filter, "subjectEndsWith")) ?? "";
  return {
    name: text(field(raw, "name")) ?? "",
    state: text(field(properties, "provisioningState")) ?? "",
    types: types.length === 0 ? undefined : types,
    destination: parseDestination(destination),
    identity: parseIdentity(field(delivery, "identity")),
    deadLetter: account === undefined || container === undefined ? undefined : { account, container },
    filtered: begins !== "" || ends !== "" || list(field(filter, "advancedFilters")).length > 0,
    expires: text(field(properties, "expirationTimeUtc")),
  };
}

function parseDestination(raw: unknown): Destination {
  const type = text(field(raw, "endpointType")) ?? "";
  const id = text(field(raw, "properties", "resourceId"));
  const queue = text(field(raw, "properties", "queueName"));
  if (type === "StorageQueue" && id !== undefined && queue !== undefined) return { kind: "queue", account: id, queue };
  if (type === "AzureFunction" && id !== undefined) return { kind: "function", id };
  return { kind: "other", type };
}

function parseIdentity(raw: unknown): EventSubscription["identity"] {
  const user = text(field(raw, "userAssignedIdentity"));
  if (user !== undefined && user !== "") return { userAssigned: user.toLowerCase() };
  return text(field(raw, "type")) === "SystemAssigned" ? "system" : undefined;
}

/** Principal id of the identity that delivers. */
export function deliveryPrincipal({ identity }: EventSubscription, topic: Topic): string | undefined {
  if (identity === undefined) return undefined;
  return identity === "system" ? topic.systemIdentity : topic.userIdentities.get(identity.userAssigned);
}

export interface RoleAssignment {
  /** Guid of the role, in lower case. */
  readonly role: string;
  /** ARM id, in lower case, without a slash at the end. */
  readonly scope: string;
}

export function parseRoleAssignment(raw: unknown): RoleAssignment {
  const id = text(field(raw, "properties", "roleDefinitionId")) ?? "";
  const scope = text(field(raw, "properties", "scope")) ?? "";
  return { role: (id.split("/").at(-1) ?? "").toLowerCase(), scope: scope.toLowerCase().replace(/\/$/, "") };
}

/** Is one of these roles assigned on the resource, or on something that holds it? */
export function hasRole(assignments: readonly RoleAssignment[], roles: readonly string[], resource: string): boolean {
  const id = resource.toLowerCase();
  return assignments.some(
    ({ role, scope }) => roles.includes(role) && (scope === "" || id === scope || id.startsWith(`${scope}/`)),
  );
}

/** How a vault lets in: by Azure roles, or by access policies. */
export type VaultPolicy =
  | { readonly kind: "roles" }
  | { readonly kind: "policies"; readonly permissions: ReadonlyMap<string, VaultPermissions> };

export interface VaultPermissions {
  readonly secrets: ReadonlySet<string>;
  readonly certificates: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

/** A vault's own answer. Permissions are by object id, in lower case like the words in them. */
export function parseVaultPolicy(raw: unknown): VaultPolicy {
  if (field(raw, "properties", "enableRbacAuthorization") === true) return { kind: "roles" };
  const permissions = new Map(
    list(field(raw, "properties", "accessPolicies")).map((one) => {
      const words = (kind: string) =>
        new Set(list(field(one, "permissions", kind)).flatMap((word) => text(word)?.toLowerCase() ?? []));
      const granted = { secrets: words("secrets"), certificates: words("certificates"), keys: words("keys") };
      return [(text(field(one, "objectId")) ?? "").toLowerCase(), granted] as const;
    }),
  );
  return { kind: "policies", permissions };
}
