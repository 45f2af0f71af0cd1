/** docs/security.md: whatever it says is stopped, a test shows; and no test of an attack is left out of it. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const page = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
const attackers = page.slice(page.indexOf("## Who could attack"), page.indexOf("## What is not stopped"));
const rows = [...attackers.matchAll(/^\| (?!tries|where|-)(.+) \| (.+) \| (.*) \|$/gm)]
  .map(([, tries = "", stoppedBy = "", shownBy = ""]) => ({ tries, stoppedBy, shownBy }))
  // The table of rights has reasons in its last column, not tests.
  .filter(({ tries }) => !/^(cluster|`kube-system`|each mapped|the same|$)/.test(tries));

test("every line of an attacker names a test that exists", () => {
  assert.ok(rows.length > 20);
  for (const { tries, shownBy } of rows) {
    const files = [...shownBy.matchAll(/\]\((\.\.\/test\/[^)]+\.ts)\)/g)].map(([, file]) => file ?? "");
    assert.ok(files.length > 0, `nothing shows: ${tries}`);
    for (const file of files) assert.ok(existsSync(new URL(file, new URL("../../docs/", import.meta.url))), file);
  }
});

test("every test of test/security is named by a line", () => {
  const files = readdirSync(new URL("../security/", import.meta.url));
  assert.ok(files.length >= 3);
  assert.deepEqual(
    files.filter((file) => !rows.some(({ shownBy }) => shownBy.includes(`(../test/security/${file})`))),
    [],
  );
});
