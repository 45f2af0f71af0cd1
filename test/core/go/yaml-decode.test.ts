import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeYaml } from "../../../shared/core/go/yaml-decode.ts";
import type { FieldKind } from "../../../shared/core/go/yaml-decode.ts";

// Every expectation below was recorded from gopkg.in/yaml.v3 v3.0.1, decoding into a struct of these fields.
const fields = new Map<string, FieldKind>([
  ["s", "string"],
  ["n", "int32"],
  ["list", "strings"],
]);

test("numbers are read as Go reads them", () => {
  const table: readonly (readonly [string, number | undefined])[] = [
    ["2", 2],
    ["+2", 2],
    ["-1", -1],
    ["010", 8],
    ["08", 8],
    ["0o3", 3],
    ["0x1F", 31],
    ["0b11", 3],
    ["1_0", 10],
    ["2.9", 2],
    ["-2.9", -2],
    [".5", 0],
    ["2e0", 2],
    ["!!int '2'", 2],
    ["!!float 3", 3],
    ["2147483647", 2147483647],
    ["-2147483648", -2147483648],
    ["~", 0],
    ["", 0],
    ["2147483648", undefined],
    ["1e10", undefined],
    [".inf", undefined],
    [".nan", undefined],
    ["true", undefined],
    ["'2'", undefined],
    ["!!str 2", undefined],
    ["!!int 2.5", undefined],
    ["2026-03-01", undefined],
    ["[2]", undefined],
  ];
  for (const [text, number] of table) {
    const decoded = decodeYaml(`n: ${text}\n`, fields);
    assert.equal(decoded.ok ? (decoded.fields.ints.get("n") ?? 0) : undefined, number, text);
  }
});

test("a text keeps what is written, whatever it looks like", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["1e3", "1e3"],
    ["0042", "0042"],
    ["yes", "yes"],
    ["True", "True"],
    ["2026-03-01", "2026-03-01"],
    ["<<", "<<"],
    ["null", ""],
    ["'null'", "null"],
    ["!!str null", "null"],
    ["! 12", "12"],
    ["!other x", "x"],
    ["!!binary YQ==", "a"],
    ["&x one", "one"],
    ["|\n  a\n  b", "a\nb"],
    [">-\n  a\n  b\n", "a b"],
    ['"\\x41\\u00e9\\U0001f600"', "Aé😀"],
    ['"\\/"', undefined],
    ['"\\ud83d\\ude00"', undefined],
    ["!!int x", undefined],
    ["!!null x", undefined],
    ["!!binary YQ", undefined],
    ["{a: b}", undefined],
    ["*x", undefined],
    ["'a", undefined],
    ["|- a", undefined],
  ];
  for (const [text, value] of table) {
    const decoded = decodeYaml(`s: ${text}`, fields);
    assert.equal(decoded.ok ? (decoded.fields.strings.get("s") ?? "") : undefined, value, text);
  }
});

test("merge keys give what is not set, the first source wins", () => {
  const text = "a: &a {s: one, n: 1}\nb: &b {s: two, n: 2, list: [x]}\n";
  const table: readonly (readonly [string, string, number])[] = [
    ["<<: *a\n", "one", 1],
    ["<<: *a\ns: own\n", "own", 1],
    ["s: own\n<<: [*b, *a]\n", "own", 2],
    ["<<: {<<: *b, n: 7}\n", "two", 7],
  ];
  for (const [more, s, n] of table) {
    const decoded = decodeYaml(text + more, fields);
    assert.ok(decoded.ok, more);
    assert.deepEqual([decoded.fields.strings.get("s"), decoded.fields.ints.get("n")], [s, n]);
  }
  for (const more of ["<<: x\n", "<<:\n", "<<: [*a, 1]\n", "<<: *a\n<<: *b\n", "c: &c {<<: *c}\n<<: *c\n"])
    assert.equal(decodeYaml(text + more, fields).ok, false, more);
});

test("lists drop nulls and hold text only", () => {
  const decoded = decodeYaml("list: [a, ~, '', 12, null, ! b, *x]\n".replace(", *x", ""), fields);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.fields.lists.get("list"), ["a", "", "12", "b"]);
  for (const text of ["list: {a: b}", "list: a", "list: [[a]]", "list: [{a: b}]"])
    assert.equal(decodeYaml(text, fields).ok, false, text);
});

test("only the first document counts, and what is no mapping has no fields", () => {
  for (const text of ["", "# only a comment", "~", "---\n", "{}", "---\ns:\n---\ns: two\n"]) {
    const decoded = decodeYaml(text, fields);
    assert.ok(decoded.ok, text);
    assert.equal(decoded.fields.strings.get("s"), undefined);
  }
  for (const text of ["a", "[s]", "- s", "12"]) assert.equal(decodeYaml(text, fields).ok, false, text);
});

test("keys compare as they are written, nested ones that nobody reads do not", () => {
  for (const text of ["s: 1\ns: 2", "x: 1\nx: 2", "s: 1\n's': 2", "{a: 1, a: 2}"])
    assert.equal(decodeYaml(text, fields).ok, false, text);
  assert.equal(decodeYaml("x: {a: 1, a: 2}\ns: 1", fields).ok, true);
});
