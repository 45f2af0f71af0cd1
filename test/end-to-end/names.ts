/** Names that everything on a stage shares. */

/** The one vault. */
export const vaultName = "contoso";
/** The scope for which the cluster `green` wants a token. */
export const greenScope = "api://green";
