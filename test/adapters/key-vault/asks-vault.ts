/** A process of its own for silence.test.ts: asks a vault for everything and prints all that it gets back. */

import { inspect } from "node:util";
import { createCredential } from "../../../shared/adapters/credential.ts";
import { createVault } from "../../../shared/adapters/key-vault/vault.ts";
import { quickClock } from "./quick-clock.ts";

const url = process.env["VAULT_URL"] ?? "";
const version = process.env["VAULT_VERSION"] ?? "";
const vault = createVault({
  vaults: new Map([["shop", { url }]]),
  credential: createCredential({ clientId: "client" }),
  clock: quickClock(),
  timeoutMs: 5000,
});
const object = { vault: "shop", type: "secret", name: "db-password" } as const;
const answers = [
  await vault.current(object),
  await vault.version(object, version),
  await vault.before(object, version),
  await vault.current({ ...object, type: "cert", name: "tls" }),
  await vault.current({ ...object, type: "key", name: "tls" }),
  await vault.versions({ ...object, type: "cert", name: "tls" }),
  await vault.current({ ...object, name: "broken" }),
  await vault.current({ ...object, name: "forbidden" }),
];
console.log(inspect(answers, { depth: 9, showHidden: true }), JSON.stringify(answers));
