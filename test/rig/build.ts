/** `node test/rig/build.ts`: builds all of the rig's programs, so that no test has to wait for them. */

import { build, driverVersions } from "./go-build.ts";

try {
  for (const driver of driverVersions) await build(driver, { progress: console.log });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
