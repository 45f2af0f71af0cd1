/** What it takes to look at one vault. */

import type { Arm } from "../../shared/adapters/arm.ts";
import type { VaultObject } from "../../shared/core/vault-object.ts";
import type { Clock, Vault } from "../../shared/ports.ts";

export interface VaultSubject {
  readonly name: string;
  /** What the classes that were read name of it. */
  readonly objects: readonly VaultObject[];
  readonly vault: Vault;
  /** Undefined: Azure is not asked, because the vault is a stand-in on this machine. */
  readonly arm: Arm | undefined;
  readonly queue: string;
  /** The bridge's object id, where the caller gave it. */
  readonly user: string | undefined;
  readonly clock: Clock;
  readonly say: (doing: string) => void;
}
