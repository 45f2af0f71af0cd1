import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { emptyMemory } from "../../shared/core/memory.ts";
import type { TargetMessage } from "../../shared/core/message.ts";
import { encodeMessage, parseTargetMessage } from "../../shared/core/parse-message.ts";

const version = "ee059b2bb5bc48398a53b168c6cdcb10";
const message: TargetMessage = {
  kind: "target",
  v: 1,
  target: { cluster: "aks-prod", namespace: "shop" },
  chain: "3f0c6a5e-8d1b-4b0e-9c55-0d8b1c2a7e11",
  scope: [
    { object: "kv-shop/secret/db-password", version },
    { object: "kv-shop/cert/shop-tls", version: undefined },
  ],
  memory: {
    firstSeen: { settle: 1_793_610_000_000, "stale/kv-shop/secret/db-password": 1 },
    counts: { "rewrite/db-credentials": 2 },
    reverted: ["Deployment/shop-api@1x2y3z", "Deployment/shop-api@1x2y3z+4a5b6c"],
    delayMs: 60_000,
  },
};

test("a message comes back as it was sent, as data, text or base64", () => {
  const text = encodeMessage(message);
  for (const body of [text, JSON.parse(text), Buffer.from(text).toString("base64")]) {
    assert.deepEqual(parseTargetMessage(body), message);
  }
});

test("a person's word travels with it, and nothing else may stand in its place", () => {
  const byHand = { "kv-shop/secret/db-password": 1_793_610_000_000 };
  assert.deepEqual(parseTargetMessage(encodeMessage({ ...message, byHand })), { ...message, byHand });
  const key = "kv-shop/secret/db-password";
  const many = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`${key}${index}`, 1]));
  for (const wrong of [true, 1, null, many, { db: 1 }, { [key]: -1 }, { [key]: 1.5 }, { [key]: "1" }])
    assert.equal(parseTargetMessage({ ...message, byHand: wrong }), undefined);
});

test("any message that can be sent can be read, and keeps its target and chain", () => {
  fc.assert(
    fc.property(messages(), (sent) => {
      const text = encodeMessage(sent);
      assert.ok(Buffer.byteLength(text) <= 48 * 1024);
      const read = parseTargetMessage(text);
      assert.deepEqual(read?.target, sent.target);
      assert.equal(read?.chain, sent.chain);
    }),
    { numRuns: 50 },
  );
});

test("a message that is too large loses its memory first, then its scope", () => {
  const manyHints = Array.from({ length: 400 }, (_, index) => ({ object: `kv-shop/secret/s${index}`, version }));
  const memory = { ...message.memory, firstSeen: entries(480, "x".repeat(80)) };
  assert.deepEqual(parseTargetMessage(encodeMessage({ ...message, scope: manyHints, memory })), {
    ...message,
    scope: manyHints,
    memory: emptyMemory,
  });

  const longHints = Array.from({ length: 500 }, (_, index) => ({
    object: `kv-shop/secret/${"s".repeat(100)}${index}`,
    version,
  }));
  assert.deepEqual(parseTargetMessage(encodeMessage({ ...message, scope: longHints })), {
    ...message,
    scope: "all",
    memory: emptyMemory,
  });

  const tooMany = { ...message, scope: Array.from({ length: 501 }, () => ({ object: "kv-shop/key/a", version })) };
  assert.equal(parseTargetMessage(encodeMessage(tooMany))?.scope, "all");
});

test("what is not exactly one of ours is not read", () => {
  const { target, memory } = message;
  const forged: readonly unknown[] = [
    undefined,
    null,
    "",
    "target",
    [],
    {},
    [message],
    { ...message, v: 2 },
    { ...message, kind: "event" },
    { ...message, extra: true },
    { ...message, chain: "x".repeat(65) },
    { ...message, chain: "../x" },
    { ...message, target: { ...target, url: "https://attacker.example" } },
    { ...message, target: { cluster: "aks-prod/x", namespace: "shop" } },
    { ...message, target: { cluster: "aks-prod", namespace: "shop/../kube-system" } },
    { ...message, target: { cluster: "aks-prod", namespace: "Shop" } },
    { ...message, scope: "everything" },
    { ...message, scope: [{ object: "kv-shop/secret/a/b" }] },
    { ...message, scope: [{ object: "https://attacker.example/secret/a" }] },
    { ...message, scope: [{ object: "kv-shop/secret/a", version: "latest" }] },
    { ...message, scope: Array.from({ length: 501 }, () => ({ object: "kv-shop/secret/a" })) },
    { ...message, memory: { ...memory, firstSeen: entries(501, "") } },
    { ...message, memory: { ...memory, firstSeen: { a: Number.NaN } } },
    { ...message, memory: { ...memory, firstSeen: { a: -1 } } },
    { ...message, memory: { ...memory, counts: { "a\nb": 1 } } },
    { ...message, memory: { ...memory, counts: { ["k".repeat(513)]: 1 } } },
    { ...message, memory: { ...memory, reverted: ["Deployment/a b@1x2y3z"] } },
    { ...message, memory: { ...memory, reverted: ["Deployment/a@1x2y3z+kv-shop/secret/a"] } },
    { ...message, memory: { ...memory, delayMs: 1e12 } },
    { ...message, padding: "x".repeat(2_000_000) },
  ];
  for (const body of forged) assert.equal(parseTargetMessage(body), undefined, JSON.stringify(body)?.slice(0, 200));
});

test("a prototype in a message's memory is left out", () => {
  const text = encodeMessage(message).replace('"firstSeen":{', '"firstSeen":{"__proto__":1,');
  assert.deepEqual(parseTargetMessage(text), message);
});

test("never throws, whatever JSON comes in", () => {
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.string()), (body) => parseTargetMessage(body) === undefined));
});

function entries(count: number, prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index]));
}

function messages(): fc.Arbitrary<TargetMessage> {
  const name = fc.stringMatching(/^[a-z0-9]{1,40}$/);
  const hint = fc.record({
    object: fc
      .tuple(fc.constantFrom("secret", "cert", "key"), name)
      .map(([type, object]) => `kv-shop/${type}/${object}`),
    version: fc.option(fc.constant(version), { nil: undefined }),
  });
  const counters = fc.dictionary(fc.stringMatching(/^[a-z]{1,20}\/[!-~]{1,200}$/), fc.nat(), { maxKeys: 600 });
  return fc.record({
    kind: fc.constant("target" as const),
    v: fc.constant(1 as const),
    target: fc.record({ cluster: name, namespace: name }, { noNullPrototype: true }),
    chain: fc.uuid(),
    scope: fc.oneof(fc.constant("all" as const), fc.array(hint, { maxLength: 600, size: "max" })),
    memory: fc.record({
      firstSeen: counters,
      counts: fc.dictionary(name, fc.nat({ max: 5 })),
      reverted: fc.array(name.map((workload) => `StatefulSet/${workload}@0abc`)),
      delayMs: fc.nat({ max: 3_600_000 }),
    }),
  });
}
