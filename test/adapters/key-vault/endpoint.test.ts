import assert from "node:assert/strict";
import { test } from "node:test";
import { vaultEndpoint } from "../../../shared/adapters/key-vault/endpoint.ts";
import { createVault } from "../../../shared/adapters/key-vault/vault.ts";
import { quickClock } from "./quick-clock.ts";

test("a vault is asked at its own host over https, or on a loopback host", () => {
  const azure = { loopback: false, plainHttp: false };
  const table = [
    { url: "https://shop.vault.azure.net", expected: { url: "https://shop.vault.azure.net", ...azure } },
    { url: "https://SHOP.vault.azure.net:443/", expected: { url: "https://shop.vault.azure.net", ...azure } },
    { url: "https://shop.vault.azure.cn", expected: { url: "https://shop.vault.azure.cn", ...azure } },
    { url: "https://127.0.0.1:8443", expected: { url: "https://127.0.0.1:8443", loopback: true, plainHttp: false } },
    { url: "http://localhost:8080", expected: { url: "http://localhost:8080", loopback: true, plainHttp: true } },
    { url: "http://[::1]:8080", expected: { url: "http://[::1]:8080", loopback: true, plainHttp: true } },
  ];
  for (const { url, expected } of table) assert.deepEqual(vaultEndpoint("Shop", url), expected);
});

test("any other address is refused without being repeated in the message", () => {
  const table = [
    { url: "http://shop.vault.azure.net", rule: /not https/ },
    { url: "http://10.0.0.1:8080", rule: /not https/ },
    { url: "http://127.0.0.1.example.com", rule: /not https/ },
    { url: "http://localhost.example.com", rule: /not https/ },
    { url: "ftp://localhost", rule: /not https/ },
    { url: "https://other.vault.azure.net", rule: /not the vault's own/ },
    { url: "https://shop.vault.azure.net.example.com", rule: /not the vault's own/ },
    { url: "https://shop.example.com", rule: /not the vault's own/ },
    { url: "https://shop.vault.azure.net:8443", rule: /not the vault's own/ },
    { url: "https://10.0.0.1", rule: /not the vault's own/ },
    { url: "https://user:sentinel@shop.vault.azure.net", rule: /has a (?:user|path)/ },
    { url: "https://shop.vault.azure.net/?sig=sentinel", rule: /has a (?:user|path)/ },
    { url: "https://shop.vault.azure.net/secrets", rule: /has a (?:user|path)/ },
    { url: "shop", rule: /Not a URL/ },
  ];
  for (const { url, rule } of table) {
    assert.throws(
      () => vaultEndpoint("shop", url),
      (error) => error instanceof Error && rule.test(error.message) && !error.message.includes("sentinel"),
      url,
    );
  }
});

test("the adapter refuses a wrong address before anything is asked", () => {
  const credential = { getToken: () => assert.fail("no token is needed") };
  const vaults = new Map([["shop", { url: "http://shop.example.com" }]]);
  assert.throws(() => createVault({ vaults, credential, clock: quickClock() }), /vault shop: The URL is not https/);
});
