/** How a cluster's Azure provider and driver are set up, as far as it changes bytes. */

export interface ProviderSettings extends ProviderFlags {
  /** Driver 1.6.1 refuses a binary PFX of more than 2^20 iterations; 1.5 does not. */
  readonly driver: "1.5" | "1.6";
}

/** What the Azure provider was started with: the same for all of a cluster. */
export interface ProviderFlags {
  /** The provider's flag `--construct-pem-chain`: certificates of a PFX are ordered from leaf to root. */
  readonly constructPemChain: boolean;
  /** The provider's flag `--write-cert-and-key-in-separate-files`: certificates are mounted as `.crt` and `.key` too. */
  readonly separateFiles: boolean;
}

/** The provider's own defaults, which its chart and the AKS add-on leave as they are. */
export const defaultFlags: ProviderFlags = { constructPemChain: true, separateFiles: false };

export const defaultSettings: ProviderSettings = { ...defaultFlags, driver: "1.6" };
