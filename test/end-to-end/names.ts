/** Names that everything in a rig shares. */

/** The one vault. */
export const vaultName = "contoso";
/** The scope for which the cluster `green` wants a token. */
export const greenScope = "api://green";
