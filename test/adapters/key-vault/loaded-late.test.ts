import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { realClock } from "../../../local/clock.ts";
import { startKeyVault } from "../../../local/key-vault/http-server.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { createVault } from "../../../shared/adapters/key-vault/vault.ts";
import { quickClock } from "./quick-clock.ts";

const asked: string[] = [];
registerHooks({
  resolve: (specifier, context, next) => {
    asked.push(specifier);
    return next(specifier, context);
  },
});

test("an SDK is loaded for the first object of its type, and not before", async (context) => {
  const store = new VaultStore({ clock: realClock() });
  const server = await startKeyVault({ store, vault: "shop" });
  context.after(() => server.close());
  const vault = createVault({
    vaults: new Map([["shop", { url: server.url }]]),
    credential: { getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }) },
    clock: quickClock(),
  });
  const table = [
    { type: "secret", sdk: "@azure/keyvault-secrets" },
    { type: "cert", sdk: "@azure/keyvault-certificates" },
    { type: "key", sdk: "@azure/keyvault-keys" },
  ] as const;
  for (const { type, sdk } of table) {
    assert.ok(!asked.includes(sdk), `${sdk} is loaded too early`);
    await vault.current({ vault: "shop", type, name: "tls" });
    assert.ok(asked.includes(sdk), `${sdk} is not loaded`);
  }
});
