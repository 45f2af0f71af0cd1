/**
 * `npm run vectors [-- DIR]`: our rendering against what the real provider and driver did (default: the vectors of
 * this repository). Ends with `N cases: N passed, N listed deviations, N failed`; exit code 1 if anything failed.
 */

import path from "node:path";
import { readCases } from "./cases.ts";
import { renderedThoughOpenSslRefuses } from "./deviations.ts";
import { judge, openSslError } from "./judge.ts";

const folder = process.argv[2] ?? path.join(import.meta.dirname, "rendering");
const cases = readCases(folder);
const counts = { passed: 0, deviation: 0, failed: 0 };

for (const vector of cases) {
  const verdict = judge(vector);
  counts[verdict.kind] += 1;
  if (verdict.kind === "failed") console.log(`failed: ${vector.name}: ${verdict.what}`);
  if (verdict.kind === "deviation") console.log(`deviation: ${vector.name}: ${verdict.harm}`);
  if (verdict.kind !== "passed") continue;
  if (verdict.unseen) console.log(`passed unseen: ${vector.name}: the pod has no credentials, so nothing is rendered`);
  for (const secret of Object.values(vector.expect.secrets)) {
    const error = openSslError(secret);
    if (error === undefined) continue;
    console.log(`rendered, but OpenSSL refuses it: ${vector.name}: ${error}`);
    if (renderedThoughOpenSslRefuses.get(vector.name) !== error) {
      counts.failed += 1;
      console.log(`failed: ${vector.name}: not listed with this error`);
    }
  }
}

console.log(
  `${cases.length} cases: ${counts.passed} passed, ${counts.deviation} listed deviations, ${counts.failed} failed`,
);
process.exitCode = counts.failed === 0 ? 0 : 1;
