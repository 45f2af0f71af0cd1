import { after } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { realClock, VirtualClock } from "../../local/clock.ts";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { selfSignedCertificate } from "../../local/self-signed.ts";
import { createCredential } from "../../shared/adapters/credential.ts";
import { createVault } from "../../shared/adapters/key-vault/vault.ts";
import { quickClock } from "../adapters/key-vault/quick-clock.ts";
import { vaultContract } from "./vault.ts";
import type { VaultUnderTest } from "./vault-subject.ts";

async function inProcess(): Promise<VaultUnderTest> {
  const clock = new VirtualClock();
  const store = new VaultStore({ clock, vaults: ["shop", "other"] });
  return { store, vault: vaultPort(store), run: (work) => clock.until(work), close: async () => undefined };
}

// One endpoint for all: the managed identity client caches tokens for the whole process.
const identity = await startIdentityEndpoint();
after(() => identity.close());
Object.assign(process.env, identity.environment);
const certificate = selfSignedCertificate();
setDefaultCACertificates([...getCACertificates(), certificate.cert]);

/** The real SDK and the real managed identity credential; back-off passes in no time, time-outs are short. */
async function overTheNetwork(https: typeof certificate | undefined): Promise<VaultUnderTest> {
  const store = new VaultStore({ clock: realClock() });
  const acceptToken = (token: string) => identity.issuedFor(token)?.resource === "https://vault.azure.net";
  const secured = https === undefined ? {} : { https };
  const shop = await startKeyVault({ store, vault: "shop", acceptToken, ...secured });
  const other = await startKeyVault({ store, vault: "other", acceptToken, ...secured });
  const vault = createVault({
    vaults: new Map([
      ["shop", { url: shop.url }],
      ["other", { url: other.url }],
    ]),
    credential: createCredential(),
    clock: quickClock(),
    timeoutMs: 1000,
  });
  const close = async () => {
    await Promise.all([shop.close(), other.close()]);
  };
  return { store, vault, run: (work) => work, close };
}

vaultContract("the vault in process", inProcess);
vaultContract("the vault over HTTP on loopback", () => overTheNetwork(undefined));
vaultContract("the vault over HTTPS", () => overTheNetwork(certificate));
