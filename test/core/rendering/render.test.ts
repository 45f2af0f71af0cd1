import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseProviderClass } from "../../../shared/core/parse-provider-class.ts";
import type { ClassContent } from "../../../shared/core/provider-class.ts";
import { fetchKey, neededLists, neededObjects } from "../../../shared/core/rendering/needed-objects.ts";
import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { render } from "../../../shared/core/rendering/render.ts";
import type { VersionLists } from "../../../shared/core/rendering/version-history.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { objectKey } from "../../../shared/core/vault-object.ts";
import type { VaultAnswer, VaultProblem, VersionEntry } from "../../../shared/core/vault-object.ts";

interface Item {
  readonly name: string;
  readonly more?: string;
}

interface Entry {
  readonly secretName: string;
  readonly type?: string;
  readonly data: Readonly<Record<string, string>>;
}

function content(items: readonly Item[], entries: readonly Entry[] = []): ClassContent {
  const objects = items.map(({ name, more = "" }) =>
    JSON.stringify(`objectName: ${name}\nobjectType: secret\n${more}`),
  );
  const secretObjects = entries.map(({ secretName, type = "Opaque", data }) => ({
    secretName,
    type,
    data: Object.entries(data).map(([key, objectName]) => ({ objectName, key })),
  }));
  const parameters = { keyvaultName: "Harbor-KV", tenantID: "t", objects: `array: [${objects.join(", ")}]` };
  const metadata = { name: "web", namespace: "shop" };
  return parseProviderClass({ metadata, spec: { provider: "azure", parameters, secretObjects } }).content;
}

function given(
  text: string,
  more: { readonly version?: string; readonly keyId?: string; readonly contentType?: string } = {},
): VaultAnswer {
  return {
    ok: true,
    current: {
      version: more.version ?? "v1",
      createdOn: 0,
      value: SecretValue.fromText(text),
      contentType: more.contentType,
      keyId: more.keyId,
      notBefore: undefined,
      expiresOn: undefined,
    },
  };
}

function entry(version: string, createdOn: number): VersionEntry {
  return { version, createdOn, enabled: true };
}

/** The versions of `a`, from the oldest to the newest. */
function lists(...versions: readonly string[]): VersionLists {
  const entries = versions.map((version, index) => entry(version, index * 1000));
  return new Map([["harbor-kv/secret/a", { ok: true, versions: entries }]]);
}

function answers(entries: Readonly<Record<string, VaultAnswer | VaultProblem>>): ReadonlyMap<string, VaultAnswer> {
  return new Map(
    Object.entries(entries).map(([name, answer]) => [
      `harbor-kv/secret/${name}`,
      typeof answer === "string" ? { ok: false, problem: answer } : answer,
    ]),
  );
}

function textOf(value: SecretValue | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.reveal());
}

test("each object is asked for once per pin, in lower case", () => {
  const needed = neededObjects(
    content([
      { name: "Alpha" },
      { name: "alpha", more: "objectAlias: again\n" },
      { name: "alpha", more: "objectAlias: old\nobjectVersion: 1e3\n" },
    ]),
  );
  assert.deepEqual(
    needed.map(({ object, pin }) => fetchKey(object, pin)),
    ["harbor-kv/secret/alpha", "harbor-kv/secret/alpha@1e3"],
  );
  assert.equal(needed[0]?.object.name, "Alpha");
});

test("files, versions and Secrets come from the answers, and every key knows its object", () => {
  const rendering = render(
    content(
      [{ name: "user" }, { name: "Pass", more: "objectAlias: db/pass\nfilePermission: 0400\n" }],
      [{ secretName: "db", data: { u: "user", p: "db/pass", again: "user" } }],
    ),
    answers({ user: given("ada"), pass: given("pw\n", { version: "v2" }) }),
  );
  assert.ok(rendering.ok);
  assert.deepEqual(
    [...rendering.versions],
    [
      ["secret/user", "v1"],
      ["secret/Pass", "v2"],
    ],
  );
  assert.equal(rendering.files.get("db/pass")?.mode, 0o400);
  const secret = rendering.secrets.get("db");
  assert.ok(secret?.ok);
  assert.equal(textOf(secret.data.get("p")), "pw\n");
  assert.equal(secret.sources.get("p")?.id, "secret/Pass");
  assert.deepEqual([...secret.data.keys()], ["u", "p", "again"]);
});

test("a mount fails with all objects that the vault does not give", () => {
  const rendering = render(
    content([{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }]),
    answers({ a: given("x"), b: "disabled", c: "not-found" }),
  );
  assert.ok(!rendering.ok);
  assert.deepEqual(rendering.problems, [
    { object: "harbor-kv/secret/b", problem: "disabled" },
    { object: "harbor-kv/secret/c", problem: "not-found" },
    { object: "harbor-kv/secret/d", problem: "unavailable" },
  ]);
  assert.match(rendering.error.message, /secret\/b \(disabled\)/);
});

test("history asks for the list first, then for one version more than it says, and mounts them by number", () => {
  const one = content([{ name: "a", more: "objectAlias: x//y\nobjectVersionHistory: 2\n" }, { name: "b" }]);
  assert.deepEqual(neededLists(one).map(objectKey), ["harbor-kv/secret/a"]);
  const listed = lists("v1", "v2", "v3", "v4");
  const needed = neededObjects(one, listed).map(({ object, pin }) => fetchKey(object, pin));
  assert.deepEqual(needed, [
    "harbor-kv/secret/a@v4",
    "harbor-kv/secret/a@v3",
    "harbor-kv/secret/a@v2",
    "harbor-kv/secret/b",
  ]);
  const given0 = answers({
    "a@v4": given("4", { version: "v4" }),
    "a@v3": given("3", { version: "v3" }),
    "a@v2": given("2", { version: "v2" }),
    b: given("b"),
  });
  const rendering = render(one, given0, defaultSettings, listed);
  assert.ok(rendering.ok);
  assert.deepEqual([...rendering.files.keys()], ["x/y/0", "x/y/1", "x/y/2", "b"]);
  assert.equal(rendering.versions.get("secret/a/2"), "v2");
});

test("a list that is not there fails the mount, one that has no certain order refuses it", () => {
  const one = content([{ name: "a", more: "objectVersionHistory: 2\n" }]);
  const missing = render(one, new Map());
  assert.ok(!missing.ok);
  assert.deepEqual(missing.problems, [{ object: "harbor-kv/secret/a", problem: "unavailable" }]);
  const same: VersionLists = new Map([
    ["harbor-kv/secret/a", { ok: true, versions: Array.from({ length: 13 }, (_, index) => entry(`v${index}`, 0)) }],
  ]);
  assert.deepEqual(neededObjects(one, same), []);
  const refused = render(one, new Map(), defaultSettings, same);
  assert.ok(!refused.ok);
  assert.equal(refused.error.kind, "unsupported");
});

test("history that finds nothing leaves its files out, and fails the mount if it is alone", () => {
  const lost = { name: "a", more: "objectVersionHistory: 2\nobjectVersion: gone\n" };
  assert.equal(render(content([lost]), new Map(), defaultSettings, lists("v1")).ok, false);
  const beside = render(content([lost, { name: "b" }]), answers({ b: given("b") }), defaultSettings, lists("v1"));
  assert.ok(beside.ok);
  assert.deepEqual([...beside.files.keys()], ["b"]);
});

test("with separate files a certificate is mounted three times, under one id", () => {
  const pem =
    "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n-----BEGIN X-----\nYWJj\n-----END X-----\n";
  const backed = given(pem, { keyId: "https://harbor-kv/keys/a/1", contentType: "application/x-pem-file" });
  const separate = { ...defaultSettings, separateFiles: true };
  const rendering = render(content([{ name: "a" }]), answers({ a: backed }), separate);
  assert.ok(rendering.ok);
  assert.deepEqual([...rendering.files.keys()], ["a.crt", "a.key", "a"]);
  assert.equal(textOf(rendering.files.get("a.key")?.content), pem.slice(pem.indexOf("-----BEGIN X")));
  assert.equal(rendering.versions.size, 1);
  const long = content([{ name: "a", more: `objectAlias: ${"x".repeat(252)}\n` }]);
  assert.equal(render(long, answers({ a: backed })).ok, true);
  assert.equal(render(long, answers({ a: backed }), separate).ok, false, "256 bytes with .crt");
});

test("an error of one Secret leaves the others alone", () => {
  const rendering = render(
    content(
      [{ name: "a" }],
      [
        { secretName: "good", data: { k: "a" } },
        { secretName: "gone", data: { j: "a", k: "A" } },
        { secretName: "tls", type: "kubernetes.io/tls", data: { "tls.crt": "a", "tls.key": "a" } },
        { secretName: "ca", type: "kubernetes.io/tls", data: { "ca.crt": "a" } },
        { secretName: "empty", data: {} },
      ],
    ),
    answers({ a: given("x") }),
  );
  assert.ok(rendering.ok);
  const outcomes = [...rendering.secrets].map(([name, secret]) => [name, secret.ok ? "ok" : secret.error.kind]);
  assert.deepEqual(outcomes, [
    ["good", "ok"],
    ["gone", "invalid"],
    ["tls", "invalid"],
    ["ca", "invalid"],
    ["empty", "invalid"],
  ]);
});

test("a value that is not what objectEncoding says fails the mount, and the message does not hold it", () => {
  for (const [encoding, value] of [
    ["base64", "no base64!"],
    ["hex", "abc"],
    ["base64", "YQ"],
    ["hex", "0xab"],
  ] as const) {
    const rendering = render(
      content([{ name: "a", more: `objectEncoding: ${encoding}\n` }, { name: "b" }]),
      answers({ a: given(value), b: given("x") }),
    );
    assert.ok(!rendering.ok);
    assert.match(rendering.error.message, new RegExp(`"secret/a" is not ${encoding}`));
    assert.ok(!rendering.error.message.includes(`${value} `));
  }
});

test("one path as file and as directory fails the mount, one path twice keeps the later object", () => {
  const both = answers({ a: given("1"), b: given("2") });
  const alias = (path: string): string => `objectAlias: ${path}\n`;
  assert.equal(
    render(
      content([
        { name: "a", more: alias("x") },
        { name: "b", more: alias("x/y/z") },
      ]),
      both,
    ).ok,
    false,
  );
  const twice = render(
    content([
      { name: "a", more: alias("x") },
      { name: "b", more: alias("x") },
    ]),
    both,
  );
  assert.ok(twice.ok);
  assert.equal(textOf(twice.files.get("x")?.content), "2");
});

test("a rendering is the same whenever it is made, and no value shows in it or in an error", () => {
  const value = fc
    .oneof(fc.string({ unit: "grapheme" }), fc.base64String(), fc.constant("abcdef01"))
    .map((text) => `Zq7${text}7qZ`);
  const encoding = fc.constantFrom("", "objectEncoding: base64\n", "objectEncoding: hex\n");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, encoding), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (objects, certificate) => {
        const names = objects.map((_, index) => `obj-${index}`);
        const one = content(
          objects.map(([, more], index) => ({ name: names[index] ?? "", more })),
          [{ secretName: "db", data: Object.fromEntries(names.map((name) => [name, name])) }],
        );
        const given0 = Object.fromEntries(
          objects.map(([text], index) => [names[index] ?? "", given(text, certificate ? { keyId: "k" } : {})]),
        );
        const first = render(one, answers(given0));
        assert.deepEqual(render(one, answers(given0)), first);
        const shown = `${inspect(first, { depth: 9 })} ${JSON.stringify(first.ok ? [...first.secrets] : first)}`;
        for (const [text] of objects) assert.ok(!shown.includes(text));
      },
    ),
    { numRuns: 200 },
  );
});
