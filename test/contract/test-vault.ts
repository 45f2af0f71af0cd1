import type { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { TestVault } from "./driver-subject.ts";

/** One vault of the store as the cases of the driver's contract use it. */
export function testVault(store: VaultStore, name: string, reads: () => number): TestVault {
  const current = (object: string) => store.versions(name, object).at(-1)?.version ?? "";
  return {
    name,
    reads,
    set: (object, value) => store.setSecret(name, object, value).version,
    disable: (object) => store.disable(name, object, current(object)),
    enable: (object) => store.enable(name, object, current(object)),
  };
}
