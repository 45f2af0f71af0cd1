import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../../shared/adapters/key-vault/refusal.ts";

const now = Date.UTC(2026, 0, 1);
const bare = { code: undefined, innerCode: undefined, message: undefined, retryAfter: undefined, now };

test("status, code and text tell the problem; a 403 is disabled only if it says so of the object", () => {
  const table = [
    { status: 403, innerCode: "SecretDisabled", problem: "disabled" },
    { status: 403, message: "Operation get is not allowed on a disabled secret.", problem: "disabled" },
    { status: 403, innerCode: "KeyDisabled", problem: "disabled" },
    { status: 403, code: "CertificateDisabled", problem: "disabled" },
    { status: 403, message: "Operation get is not allowed on a disabled key.", problem: "disabled" },
    { status: 403, innerCode: "ForbiddenByRbac", message: "Caller is not authorized.", problem: "forbidden" },
    {
      status: 403,
      innerCode: "ForbiddenByConnection",
      message: "Public network access is disabled and request is not from a trusted service.",
      problem: "forbidden",
    },
    { status: 401, problem: "forbidden" },
    { status: 400, code: "BadParameter", problem: "not-found" },
    { status: 404, problem: "not-found" },
    { status: 429, problem: "throttled" },
    { status: 408, problem: "unavailable" },
    { status: 500, problem: "unavailable" },
    { status: 503, problem: "unavailable" },
  ];
  for (const { problem, ...answer } of table) {
    assert.equal(refusalOf({ ...bare, ...answer }).problem, problem, JSON.stringify(answer));
  }
});

test("Retry-After is seconds or a date; anything else is as if it were absent", () => {
  const table = [
    { retryAfter: "7", ms: 7000 },
    { retryAfter: "0", ms: 0 },
    { retryAfter: "Thu, 01 Jan 2026 00:00:09 GMT", ms: 9000 },
    { retryAfter: "Wed, 31 Dec 2025 00:00:00 GMT", ms: 0 },
    { retryAfter: "soon", ms: undefined },
    { retryAfter: undefined, ms: undefined },
  ];
  for (const { retryAfter, ms } of table) {
    assert.equal(refusalOf({ ...bare, status: 429, retryAfter }).retryAfterMs, ms, retryAfter);
  }
});

test("only what looks like a code is kept, the innermost first", () => {
  const codes = { code: "Forbidden", innerCode: "ForbiddenByRbac" };
  assert.equal(refusalOf({ ...bare, status: 403, ...codes }).code, "ForbiddenByRbac");
  assert.equal(refusalOf({ ...bare, status: 403, ...codes, innerCode: "a sentence" }).code, "Forbidden");
  assert.equal(refusalOf({ ...bare, status: 403, code: "value=secret" }).code, undefined);
});
