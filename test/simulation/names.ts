/** What worlds call their vault and its objects. */

export const vaultName = "contoso";
export const objectNames: readonly string[] = ["db", "mail", "color", "token"];
/** Only worlds with a certificate have it. */
export const certificateName = "site";

/** A key that tells nothing of the object that feeds it: that changes (stories.ts). `Sim.turning` says which it is now. */
export const turningKey = "k-main";

/** Which object feeds a key of a synced Secret, in all worlds. */
export function objectBehind(key: string): string {
  const plain = key.startsWith("k-") ? key.slice(2) : "";
  return objectNames.includes(plain)
    ? plain
    : key === "k-site" || key === "k-leaf" || key.startsWith("tls.")
      ? certificateName
      : plain;
}
