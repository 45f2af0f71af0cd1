/**
 * `node until-failure.ts FILE...`: runs test files in this process, in this order. Ends with exit code 1 at the first
 * test that fails, and says which one on standard error.
 */

import { resolve } from "node:path";
import { run } from "node:test";

const files = process.argv.slice(2).map((file) => resolve(file));

for await (const event of run({ files, isolation: "none" })) {
  if (event.type !== "test:fail") continue;
  const { name, file, details } = event.data;
  const why = reasonOf(details.error).slice(0, 200);
  process.stderr.write(`${JSON.stringify({ test: name, file, why })}\n`, () => process.exit(1));
}

function reasonOf({ message, cause }: Error): string {
  const [first = ""] = (cause instanceof Error ? cause.message : message).split("\n");
  return first;
}
