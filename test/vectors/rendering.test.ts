import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { connect, createServer } from "node:tls";
import { readCases } from "./cases.ts";
import type { VectorCase } from "./cases.ts";
import { deviations, otherAlgorithm, renderedThoughOpenSslRefuses } from "./deviations.ts";
import { judge, openSslError } from "./judge.ts";

const cases = readCases(path.join(import.meta.dirname, "rendering"));
const verdicts = new Map(cases.map((vector) => [vector.name, judge(vector)]));
const page = readFileSync(path.join(import.meta.dirname, "..", "..", "docs", "rendering.md"), "utf8");

test("every vector is rendered byte for byte as upstream does, or is a deviation that is listed by its name", () => {
  assert.equal(cases.length, 392);
  assert.equal(verdicts.size, cases.length, "names are unique");
  for (const [name, verdict] of verdicts)
    assert.notEqual(verdict.kind, "failed", `${name}: ${verdict.kind === "failed" ? verdict.what : ""}`);
  const kinds = [...verdicts.values()].map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "deviation").length, deviations.size);
  assert.ok(deviations.size <= 24);
});

test("a case whose pod has no credentials is passed over, and there are two of them", () => {
  const unseen = [...verdicts].flatMap(([name, verdict]) =>
    verdict.kind === "passed" && verdict.unseen ? [name] : [],
  );
  assert.deepEqual(unseen, ["param-no-identity", "param-workload-identity-no-token"]);
});

test("OpenSSL takes every TLS Secret that is rendered, but for those that are listed with its words", () => {
  const refused = cases
    .filter(({ name }) => !deviations.has(name))
    .flatMap((vector) =>
      Object.values(vector.expect.secrets).flatMap((secret) => {
        const error = openSslError(secret);
        return error === undefined ? [] : [[vector.name, error] as const];
      }),
    );
  assert.deepEqual(new Map(refused), renderedThoughOpenSslRefuses);
});

test("no client comes to terms with a server whose key is of another algorithm than its certificate", async () => {
  const listed = [...deviations].filter(([, { harm }]) => harm === otherAlgorithm);
  assert.ok(listed.length > 0);
  for (const [name, { secret }] of listed) {
    const vector = cases.find((one) => one.name === name);
    assert.ok(vector !== undefined);
    assert.equal(await handshake(vector, secret), "refused", name);
  }
  const good = cases.find(servable);
  assert.ok(good !== undefined);
  assert.equal(await handshake(good, Object.keys(good.expect.secrets)[0] ?? ""), "made", good.name);
});

test("docs/rendering.md lists the same deviations and the same Secrets that OpenSSL refuses", () => {
  const names = (heading: string): readonly string[] => {
    const section = page.split(/^#+ /m).find((text) => text.startsWith(heading)) ?? "";
    return [...section.matchAll(/`([a-z0-9-]+)`(?=[^|]*\|)/g)].flatMap(([, name]) => name ?? []);
  };
  assert.deepEqual(names("Refused although the driver makes it").toSorted(), [...deviations.keys()].toSorted());
  assert.deepEqual(
    names("Rendered although OpenSSL refuses it").toSorted(),
    [...renderedThoughOpenSslRefuses.keys()].toSorted(),
  );
});

function servable({ name, expect }: VectorCase): boolean {
  const secret = Object.values(expect.secrets)[0];
  return secret?.ok === true && "tls.key" in secret.data && "tls.crt" in secret.data && name.startsWith("chain-order");
}

/** A server with what the driver makes of the case, and one client that trusts everything. */
async function handshake(vector: VectorCase, name: string): Promise<"made" | "refused"> {
  const secret = vector.expect.secrets[name];
  assert.ok(secret?.ok === true);
  const part = (key: string): Buffer => Buffer.from(secret.data[key] ?? "", "base64");
  const server = createServer({ cert: part("tls.crt"), key: part("tls.key") });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const client = connect({ host: "127.0.0.1", port: address.port, rejectUnauthorized: false });
  const outcome = await Promise.race([
    once(client, "secureConnect").then(() => "made" as const),
    once(client, "close").then(() => "refused" as const),
  ]).catch(() => "refused" as const);
  client.destroy();
  server.close();
  return outcome;
}
