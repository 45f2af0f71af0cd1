/** docs/operations.md leaves no reason, no log line and no command without a word. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { allReasons } from "../../shared/core/reasons.ts";
import { readMessage } from "../../shared/core/secret-event.ts";

const root = new URL("../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), "utf8");
const page = read("docs/operations.md");

/** Cells of every row of the section's tables whose first cell is a name. */
function rows(from: string, to: string): readonly (readonly string[])[] {
  const section = page.slice(page.indexOf(`\n## ${from}`), page.indexOf(`\n## ${to}`));
  return [...section.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|(.*)\|$/gm)].map(([, name = "", rest = ""]) => [
    name,
    ...rest.split(" | ").map((cell) => cell.trim()),
  ]);
}

test("every reason has one row, with what it means and what to do; no row has another name", () => {
  const found = rows("What to do per reason", "Rotate by hand");
  assert.deepEqual(
    found.map(([name = ""]) => name).toSorted((one, other) => (one < other ? -1 : 1)),
    Object.keys(allReasons)
      .map((name) => `\`${name}\``)
      .toSorted((one, other) => (one < other ? -1 : 1)),
  );
  for (const [name, meaning = "", look, todo = ""] of found) {
    assert.ok(look !== undefined && meaning.length > 10 && todo.length > 5, name);
  }
});

test("no row repeats what docs/reasons.md says", () => {
  const reasons = read("docs/reasons.md");
  for (const [name, ...cells] of rows("What to do per reason", "Rotate by hand")) {
    for (const cell of cells) assert.ok(cell.length < 40 || !reasons.includes(cell), `${name}: ${cell}`);
  }
});

test("every kind of log line is explained, and no other", () => {
  const sources = ["functions", "shared"].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => read(`${folder}/${name}`)),
  );
  const logged = sources.flatMap((text) =>
    [...text.matchAll(/\blog\??(?:\[level\]|\.(?:info|warn|error))\(\s*"([a-z-]+)"/g)].map(([, event]) => event ?? ""),
  );
  const told = rows("Where it speaks", "Alarms").flatMap(([name = ""]) => name.replaceAll("`", "").split(", "));
  assert.deepEqual([...told].sort(), [...new Set(logged)].sort());
});

test("the event that the page puts on the queue by hand is one that the app works on", () => {
  const text = /^EVENT='(.+)'$/m.exec(page)?.[1] ?? "";
  const { events, ignored } = readMessage(Buffer.from(text).toString("base64"));
  assert.deepEqual(
    [events.map(({ vault, object }) => `${vault}/${object.name}`), ignored],
    [["kv-shop/db-password"], []],
  );
});

test("the page names only commands that the CLI has or that are written down for it", () => {
  const named = new Set([...page.matchAll(/`(?:npx )?rotation-bridge ([a-z]+)/g)].map(([, command]) => command ?? ""));
  const known = ["init", "validate", "plan", "doctor", "rbac", "status", "rotate", "replay", "render"];
  assert.deepEqual(
    [...named].filter((command) => !known.includes(command)),
    [],
  );
  assert.ok(named.size >= 6);
});
