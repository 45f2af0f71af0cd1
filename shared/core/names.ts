/**
 * The alphabets of the names that come in from outside. Key Vault:
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name.
 * Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/.
 * Every pattern is anchored, bounded and free of nested repeats, so that no input makes it slow.
 */

/** A vault: 3-24 letters, digits and hyphens. Key Vault compares it without regard to case. */
export const vaultNamePattern = /^[0-9a-zA-Z-]{3,24}$/;

/** A secret, certificate or key. */
export const objectNamePattern = /^[0-9a-zA-Z-]{1,127}$/;

/** The version id of an object. */
export const versionPattern = /^[0-9a-fA-F]{32}$/;

/** What {@link objectKey} of vault-object.ts makes: `vault/type/name` in lower case. */
export const objectKeyPattern = /^[0-9a-z-]{3,24}\/(?:secret|cert|key)\/[0-9a-z-]{1,127}$/;

/** A Kubernetes namespace (an RFC 1123 label). */
export const namespacePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most other Kubernetes names (an RFC 1123 subdomain): classes, Secrets, workloads. */
export const kubernetesNamePattern = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** What the map may call a cluster. No slash: the name is the first half of a target's key. */
export const clusterNamePattern = /^[0-9a-zA-Z](?:[0-9a-zA-Z._-]{0,61}[0-9a-zA-Z])?$/;

/** The client id of a managed identity. */
export const clientIdPattern = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
