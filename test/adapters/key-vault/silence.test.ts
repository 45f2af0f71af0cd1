import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { realClock } from "../../../local/clock.ts";
import { startIdentityEndpoint } from "../../../local/identity.ts";
import { startKeyVault } from "../../../local/key-vault/http-server.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { selfSignedCertificate } from "../../../local/self-signed.ts";

const program = fileURLToPath(new URL("asks-vault.ts", import.meta.url));

test("with every log of the SDK and Node's http turned on, no value, token or identity header is printed", async (context) => {
  const https = selfSignedCertificate();
  const folder = await mkdtemp(join(tmpdir(), "rotation-bridge-"));
  context.after(() => rm(folder, { recursive: true }));
  const trusted = join(folder, "ca.pem");
  await writeFile(trusted, https.cert);
  const store = new VaultStore({ clock: realClock() });
  store.setSecret("shop", "db-password", "sentinel-old", { createdOn: Date.UTC(2026, 0, 1) });
  const { version } = store.setSecret("shop", "db-password", "sentinel-new", { createdOn: Date.UTC(2026, 0, 2) });
  const cer = Buffer.from("sentinel-der").toString("base64");
  const jwk = JSON.stringify({ kty: "RSA", n: "sentinel-n", e: "AQAB" });
  store.setCertificate("shop", "tls", { value: "sentinel-pem", contentType: "application/x-pem-file", cer, jwk });
  store.faults.add({ name: "broken" }, { kind: "reset" });
  store.faults.add({ name: "forbidden" }, { kind: "forbidden" });
  const identity = await startIdentityEndpoint();
  context.after(() => identity.close());
  const tokens = new Set<string>();
  const acceptToken = (token: string) => {
    tokens.add(token);
    return identity.issuedFor(token)?.clientId === "client";
  };
  const plain = await startKeyVault({ store, vault: "shop", acceptToken });
  context.after(() => plain.close());
  const secured = await startKeyVault({ store, vault: "shop", acceptToken, https });
  context.after(() => secured.close());

  const outputs = await Promise.all(
    [plain.url, secured.url].map((url) =>
      outputOf({
        ...process.env,
        ...identity.environment,
        NODE_EXTRA_CA_CERTS: trusted,
        AZURE_LOG_LEVEL: "verbose",
        NODE_DEBUG: "undici,http",
        VAULT_URL: url,
        VAULT_VERSION: version,
      }),
    ),
  );
  for (const output of outputs) {
    assert.match(output, /azure:identity:info/);
    assert.match(output, /HTTP \d+: createConnection/);
    assert.match(output, /\[redacted\]/);
    assert.match(output, /problem: 'forbidden'/);
    for (const secret of ["sentinel", cer, ...tokens, identity.environment.IDENTITY_HEADER]) {
      assert.ok(!output.includes(secret), "something secret was printed");
    }
  }
  assert.equal(tokens.size, 2);
});

function outputOf(env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [program], { env });
  let output = "";
  const take = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
