/** What worlds call their vault and its objects. */

export const vaultName = "contoso";
export const objectNames: readonly string[] = ["db", "mail", "color", "token"];
