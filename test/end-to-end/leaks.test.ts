import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { assert as holds, property, uint8Array } from "fast-check";
import { leaksIn } from "./leaks.ts";

const value = `q7+/é & "${randomBytes(12).toString("base64")}`;
const bytes = Buffer.from(value);
const secrets = [{ name: "planted", value }];

test("a planted value is found in every form, and so are its halves", () => {
  const half = bytes.subarray(0, bytes.length / 2);
  const planted = {
    text: value,
    json: JSON.stringify({ deep: { value } }),
    url: `https://host/?q=${encodeURIComponent(value)}`,
    form: new URLSearchParams({ value }).toString(),
    base64: bytes.toString("base64"),
    base64url: bytes.toString("base64url"),
    "base64 within JSON within base64": Buffer.from(`{"data":"${bytes.toString("base64")}"}`).toString("base64"),
    hex: bytes.toString("hex").toUpperCase(),
    "a buffer": inspect(bytes),
    "an array": inspect(new Uint8Array(bytes), { breakLength: Number.POSITIVE_INFINITY }),
    "JSON of an array": JSON.stringify([...bytes]),
    "half as text": half.toString("utf8"),
    "half as base64": half.toString("base64"),
    "half as hex": bytes.subarray(bytes.length / 2).toString("hex"),
  };
  for (const [form, text] of Object.entries(planted)) {
    const around = form === "base64 within JSON within base64" ? Buffer.from(text, "base64").toString() : text;
    assert.notDeepEqual(leaksIn(`before ${around} after`, secrets), [], form);
  }
});

test("a value is found in the base64 of whatever it stands in", () => {
  holds(
    property(uint8Array({ minLength: 16 }), uint8Array(), uint8Array(), (secret, before, after) => {
      const text = Buffer.concat([before, secret, after]).toString("base64");
      assert.notDeepEqual(leaksIn(text, [{ name: "it", value: secret }]), []);
    }),
  );
});

test("what holds no value is left alone, and a finding does not repeat the value", () => {
  assert.deepEqual(leaksIn("contoso/secret/db@0123456789abcdef", secrets), []);
  assert.ok(!leaksIn(value, secrets).join().includes(value.slice(0, 8)));
});
