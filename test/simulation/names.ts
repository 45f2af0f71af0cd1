/** The vault of a world and what it holds. */

export const vaultName = "contoso";
export const objectNames: readonly string[] = ["db", "mail", "color", "token"];
