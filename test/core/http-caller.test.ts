import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Access, mayCall, parseCallers } from "../../shared/core/http-caller.ts";
import { parseCaller } from "../../shared/core/http-principal.ts";

const tenant = "99999999-9999-4999-8999-999999999999";
const reader = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const operator = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
const stranger = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";
const long = "http://schemas.microsoft.com/identity/claims/";

type Claims = readonly (readonly [string, unknown])[];

/** As the platform makes it: base64 of JSON. */
function header(claims: Claims, change: object = {}): string {
  const principal = {
    auth_typ: "aad",
    claims: claims.map(([typ, val]) => ({ typ, val })),
    name_typ: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    role_typ: "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    ...change,
  };
  return Buffer.from(JSON.stringify(principal)).toString("base64");
}

const who = (objectId: string, more: Claims = []): Claims => [["oid", objectId], ["tid", tenant], ...more];

test("a caller is read from the claims under both of their names", () => {
  const caller = { objectId: reader, tenant, roles: [] };
  assert.deepEqual(parseCaller(header(who(reader))), caller);
  const renamed: Claims = [
    [`${long}objectidentifier`, reader.toUpperCase()],
    [`${long}tenantid`, tenant],
    ["name", "Zoë"],
  ];
  assert.deepEqual(parseCaller(header(renamed)), caller);
  const roles: Claims = [
    ["roles", "Bridge.Operator"],
    ["http://schemas.microsoft.com/ws/2008/06/identity/claims/role", "Other"],
    ["groups", "Bridge.Reader"],
  ];
  assert.deepEqual(parseCaller(header(who(reader, roles)))?.roles, ["Bridge.Operator", "Other"]);
});

test("what is not exactly one Entra caller is none", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["no header", null],
    ["an empty one", ""],
    ["no base64", "{}"],
    ["no JSON", Buffer.from("oid").toString("base64")],
    ["no object", Buffer.from("[]").toString("base64")],
    ["bytes that are no text", Buffer.from([0xff, 0xfe]).toString("base64")],
    ["another provider", header(who(reader), { auth_typ: "google" })],
    ["no provider", header(who(reader), { auth_typ: undefined })],
    ["a static web app's", Buffer.from(JSON.stringify({ identityProvider: "aad", userId: reader })).toString("base64")],
    ["no object id", header([["tid", tenant]])],
    ["no tenant", header([["oid", reader]])],
    ["two object ids", header(who(reader, [["oid", operator]]))],
    ["two object ids, one under its long name", header(who(reader, [[`${long}objectidentifier`, operator]]))],
    ["two tenants", header(who(reader, [["tid", stranger]]))],
    ["an object id that is none", header(who("*"))],
    ["a claim that is no text", header(who(reader, [["roles", { toString: "Bridge.Operator" }]]))],
    ["more than any server lets through", header(who(reader, [["name", "x".repeat(70_000)]]))],
  ];
  for (const [what, value] of cases) assert.equal(parseCaller(value), undefined, what);
});

test("whatever the header holds, reading it does not throw", () => {
  const json = fc.json().map((text) => Buffer.from(text).toString("base64"));
  fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String(), json), (text) => void parseCaller(text)));
});

test("readers read, operators do both, and nobody else does anything", () => {
  const access: Access = {
    tenant,
    readers: parseCallers(`${reader}, role:Bridge.Reader`) ?? assert.fail(),
    operators: parseCallers(`${operator.toUpperCase()} role:Bridge.Operator`) ?? assert.fail(),
  };
  const rows: readonly (readonly [Claims, boolean, boolean])[] = [
    [who(reader), true, false],
    [who(operator), true, true],
    [who(stranger), false, false],
    [who(stranger, [["roles", "Bridge.Reader"]]), true, false],
    [who(stranger, [["roles", "Bridge.Operator"]]), true, true],
    [who(stranger, [["roles", "bridge.operator"]]), false, false],
    [who(stranger, [["groups", "Bridge.Operator"]]), false, false],
    [who(stranger, [["roles", operator]]), false, false],
    // An id or a role of another tenant is another's word.
    [
      [
        ["oid", operator],
        ["tid", stranger],
        ["roles", "Bridge.Operator"],
      ],
      false,
      false,
    ],
  ];
  for (const [claims, read, operate] of rows) {
    const caller = parseCaller(header(claims)) ?? assert.fail();
    assert.deepEqual([mayCall(access, caller, "read"), mayCall(access, caller, "operate")], [read, operate]);
  }
});

test("a list of callers is ids and roles; one bad entry spoils it", () => {
  assert.deepEqual(parseCallers("  "), { objectIds: new Set(), roles: new Set() });
  assert.deepEqual(parseCallers("role:A,role:B.c-d_e"), { objectIds: new Set(), roles: new Set(["A", "B.c-d_e"]) });
  for (const text of ["*", "role:", "role:a b", "Role:A", `${reader};${operator}`, `${reader}x`, "role:\u0000"])
    assert.equal(parseCallers(text), undefined, text);
});
