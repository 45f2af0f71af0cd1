import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { NotAProviderClass, parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { namesClaimedTwice } from "../../shared/core/secret-objects.ts";

const item = "array:\n  - |\n    objectName: alpha\n    objectType: secret\n";
const good = { keyvaultName: "harbor-kv", tenantID: "t", useVMManagedIdentity: "true", objects: item };

function raw(parameters: unknown, more: Readonly<Record<string, unknown>> = {}): unknown {
  return { metadata: { name: "web", namespace: "shop" }, spec: { provider: "azure", parameters, ...more } };
}

function objects(text: string): unknown {
  return raw({ ...good, objects: text });
}

function one(...lines: readonly string[]): unknown {
  return objects(
    `array:\n  - |\n    objectName: alpha\n    objectType: secret\n${lines.map((l) => `    ${l}\n`).join("")}`,
  );
}

test("a class is read with its objects, after the provider's trimming", () => {
  const text = 'array:\n- |\n  objectName: " Alpha "\n  objectType: secret\n  objectAlias: a/b\n  objectVersion: 0e1\n';
  const parsed = parseProviderClass(objects(`${text}  objectEncoding: HEX\n  filePermission: 0400\n`));
  assert.deepEqual(parsed, {
    namespace: "shop",
    name: "web",
    deleting: false,
    changedAt: 0,
    ignored: false,
    provider: "azure",
    content: {
      ok: true,
      vault: "harbor-kv",
      objects: [
        {
          object: { vault: "harbor-kv", type: "secret", name: "Alpha" },
          id: "secret/Alpha",
          path: "a/b",
          pin: "0e1",
          encoding: "hex",
          format: "",
          history: 0,
          mode: 0o400,
        },
      ],
      secretObjects: [],
    },
  });
});

test("a class says whether it is going away and whether it opted out", () => {
  const marks: readonly (readonly [object, boolean, boolean])[] = [
    [{}, false, false],
    [{ deletionTimestamp: "2026-01-01T00:00:00Z" }, true, false],
    [{ annotations: { "rotation-bridge/ignore": "true" } }, false, true],
    [{ annotations: { "rotation-bridge/ignore": "false" } }, false, false],
    [{ annotations: null, deletionTimestamp: null }, false, false],
  ];
  for (const [more, deleting, ignored] of marks) {
    const parsed = parseProviderClass({ metadata: { name: "web", namespace: "shop", ...more }, spec: {} });
    assert.deepEqual([parsed.deleting, parsed.ignored], [deleting, ignored]);
  }
});

test("what has no name or namespace is no class", () => {
  for (const broken of [
    null,
    1,
    {},
    { metadata: {} },
    { metadata: { name: "a" } },
    { metadata: { name: "", namespace: "b" } },
  ])
    assert.throws(() => parseProviderClass(broken), NotAProviderClass);
});

test("a class that can't be mounted says which field to mend", () => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    [raw({ ...good, keyvaultName: " " }), /keyvaultName is missing/],
    [raw({ ...good, keyvaultName: "ab" }), /keyvaultName "ab"/],
    [raw({ ...good, keyvaultName: "harbor_kv" }), /keyvaultName "harbor_kv"/],
    [raw({ ...good, tenantID: "" }), /tenantID is missing/],
    [raw({ ...good, useVMManagedIdentity: "yes" }), /useVMManagedIdentity is no boolean/],
    [raw({ ...good, usePodIdentity: "1" }), /usePodIdentity and useVMManagedIdentity/],
    [raw({ ...good, useVMManagedIdentity: "", useAzureTokenProxy: "true" }), /clientID is missing/],
    [raw({ ...good, cloudName: "AzureMoonCloud" }), /cloudName "AzureMoonCloud"/],
    [raw({ ...good, objects: undefined }), /objects is not text/],
    [raw({ ...good, objects: " \n" }), /objects is missing/],
    [objects("array: []"), /names no object/],
    [objects("Array:\n- x"), /names no object/],
    [objects("array: [~, null]"), /names no object/],
    [objects("array: alpha"), /array is not a list/],
    [objects("array: ['']"), /item 0: objectName is missing/],
    [objects("array: [123]"), /item 0 cannot be read: it is a single value/],
    [objects("array:\n- objectName: alpha\n"), /mapping where text is wanted/],
    [objects("array:\n- 'objectName: alpha'\n"), /objectType ""/],
    [objects("array: [*x]"), /anchor that is not defined/],
    [one("objectName: beta"), /a key is given twice/],
    [one('objectVersionHistory: "2"'), /objectVersionHistory is not a number/],
    [one("objectFormat: der"), /objectFormat "der"/],
    [one("objectEncoding: utf8"), /objectEncoding "utf8"/],
    [one("objectAlias: ../x"), /contains '\.\.'/],
    [one("objectAlias: /x"), /is absolute/],
    [one("objectAlias: a//b"), /is not clean/],
    [one("objectAlias: ."), /is not clean/],
    [one('objectAlias: "a\\0b"'), /zero character/],
    [one(`objectAlias: ${"ü".repeat(128)}`), /longer than 255 bytes/],
    [one("objectVersion: a/b"), /objectVersion "a\/b"/],
    [objects("array:\n- |\n  objectName: a/b\n  objectAlias: c\n  objectType: secret\n"), /objectName "a\/b"/],
    [objects("array:\n- |\n  objectName: a\n  objectType: Secret\n"), /objectType "Secret"/],
    [objects("array:\n- |\n  objectName: a\n  objectType: cert\n  objectFormat: pfx\n"), /objectFormat pfx/],
    [objects("array:\n- |\n  objectName: a\n  objectType: key\n  objectEncoding: hex\n"), /objectEncoding is for/],
  ];
  for (const [input, message] of table) {
    const { content } = parseProviderClass(input);
    assert.ok(!content.ok, String(message));
    assert.match(content.error.message, message);
    assert.equal(content.error.kind, "invalid", String(message));
  }
});

test("what the driver may read in another way than we do is refused as unsupported", () => {
  const nested = `array:\n  - |\n    ${"[".repeat(200)}${"]".repeat(200)}`;
  const bomb = `a: &a "${"x".repeat(1000)}"\narray: [${Array.from({ length: 900 }, () => "*a").join(", ")}]`;
  const many = `a: &a x\narray: [${Array.from({ length: 2000 }, () => "*a").join(", ")}]`;
  for (const text of [
    `%YAML 1.2\n---\n${item}`,
    "? array\n: []\n",
    nested,
    bomb,
    many,
    `array: ["${"x".repeat(70_000)}"]`,
  ]) {
    const { content } = parseProviderClass(objects(text));
    assert.ok(!content.ok);
    assert.equal(content.error.kind, "unsupported", content.error.message);
  }
});

test("a class of another provider, or one that can't be mounted, still tells which Secrets it claims", () => {
  const secretObjects = [{ secretName: " db ", type: "Opaque", data: [{ objectName: "a", key: "k" }] }];
  for (const broken of [
    raw(good, { provider: "aws", secretObjects }),
    raw(good, { provider: "Azure", secretObjects }),
    raw({}, { secretObjects }),
    raw("nonsense", { secretObjects }),
  ]) {
    const { content } = parseProviderClass(broken);
    assert.equal(content.ok, false);
    assert.deepEqual(
      content.secretObjects.map(({ secretName }) => secretName),
      ["db"],
    );
  }
});

test("a Secret that the driver would not make carries the reason", () => {
  const data = [{ objectName: "a", key: "k" }];
  const table: readonly (readonly [unknown, RegExp | undefined])[] = [
    [{ secretName: "db", type: " ", data }, undefined],
    [{ secretName: "db", type: "", data }, /type is missing/],
    [{ type: "Opaque", data }, /no secretName/],
    [{ secretName: " ", type: "Opaque", data }, /no secretName/],
    [{ secretName: "db", type: "Opaque" }, /data is empty/],
    [{ secretName: "db", type: "Opaque", data: [{ objectName: " ", key: "k" }] }, /no objectName/],
    [{ secretName: "db", type: "Opaque", data: [{ objectName: "a" }] }, /no key/],
    [{ secretName: "db", type: 1, data }, /malformed/],
    [null, /malformed/],
  ];
  for (const [entry, message] of table) {
    const [read] = parseProviderClass(raw(good, { secretObjects: [entry] })).content.secretObjects;
    if (message === undefined) assert.equal(read?.error, undefined);
    else assert.match(read?.error?.message ?? "", message);
  }
});

test("two entries for one Secret can be told", () => {
  const entry = (secretName: string): unknown => ({
    secretName,
    type: "Opaque",
    data: [{ objectName: "a", key: "k" }],
  });
  const { content } = parseProviderClass(raw(good, { secretObjects: [entry("a"), entry("b"), entry(" a")] }));
  assert.deepEqual([...namesClaimedTwice(content.secretObjects)], ["a"]);
});

test("whatever stands in objects, an answer is given and nothing is thrown", () => {
  const bits = [
    "array:",
    "- ",
    "|\n",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "<<: ",
    "'",
    '"',
    "\\",
    "\t",
    "!!int ",
    ": ",
  ];
  const words = [
    "objectName: a\n",
    "objectType: secret\n",
    "objectVersionHistory: ",
    "0x2",
    "~",
    "---\n",
    "...\n",
    "#",
    "%",
  ];
  const yamlish = fc.array(fc.constantFrom(...bits, ...words), { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: "binary", maxLength: 200 })), (text) => {
      const inner = `array:\n- ${JSON.stringify(text)}\n`;
      for (const { content } of [parseProviderClass(objects(text)), parseProviderClass(objects(inner))])
        if (!content.ok) assert.ok(content.error.message.length > 0);
    }),
    { numRuns: 500 },
  );
});

test("long and deep texts come to an end", () => {
  for (const bit of ["[", "- ", "{a: ", "? ", "&a ", "'\n", '"\\', "|\n", "a\n", "[]", "&a [*a,", "x: &x {<<: *x}\n"])
    assert.equal(parseProviderClass(objects(`array: ${bit.repeat(5000)}`)).content.ok, false);
});

test("whatever a class looks like, only a missing name or namespace throws", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (spec, parameters, secretObjects) => {
      const metadata = { name: "web", namespace: "shop" };
      parseProviderClass({ metadata, spec });
      parseProviderClass({ metadata, spec: { provider: "azure", parameters, secretObjects } });
    }),
    { numRuns: 300 },
  );
});
