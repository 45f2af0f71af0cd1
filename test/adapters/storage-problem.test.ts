import { test } from "node:test";
import assert from "node:assert/strict";
import { storageProblem } from "../../shared/adapters/storage-problem.ts";

test("names a storage error by its status", () => {
  const cases = [
    [400, "rejected"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [408, "timeout"],
    [409, "conflict"],
    [412, "conflict"],
    [413, "rejected"],
    [429, "throttled"],
    [500, "unavailable"],
    [503, "throttled"],
  ] as const;
  for (const [statusCode, kind] of cases) {
    const problem = storageProblem(
      Object.assign(new Error("https://account.queue.example/secret"), { statusCode }),
      "send",
    );
    assert.deepEqual([problem.kind, problem.status], [kind, statusCode]);
    assert.doesNotMatch(problem.message, /example|secret/);
  }
});

test("tells a time-out from an account that cannot be reached", () => {
  const aborted = new DOMException("aborted", "AbortError");
  assert.equal(storageProblem(aborted, "send").kind, "timeout");
  assert.equal(storageProblem(new Error("refused"), "send").kind, "unavailable");
  assert.equal(storageProblem("text", "send").kind, "unavailable");
});
