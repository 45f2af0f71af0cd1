/** What a page tells a reader to open or to run exists. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
  "test/rig/README.md",
];

test("there are pages to look at", () => {
  assert.ok(pages.length > 10);
});

for (const page of pages) {
  test(`every link of ${page} leads somewhere`, () => {
    const wrong = links(read(page)).filter((link) => !resolves(page, link));
    assert.deepEqual(wrong, []);
  });
}

test("every npm script that a page names exists", () => {
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/\bnpm run (?:--silent )?([a-z][a-z:]*)/g)].map(([, script]) => ({
      page,
      script: script ?? "",
    })),
  );
  assert.ok(named.length > 5);
  assert.deepEqual(
    named.filter(({ script }) => scripts[script] === undefined),
    [],
  );
});

test("every file of infra that a page or workflow names exists", () => {
  const workflows = readdirSync(join(root, ".github/workflows")).map((name) => join(".github/workflows", name));
  const named = [...pages, ...workflows, "azure.yaml"].flatMap((page) =>
    [...read(page).matchAll(/\binfra\/[\w./-]+\.(?:bicepparam|bicep|yaml)\b/g)].map(([file]) => ({ page, file })),
  );
  assert.ok(named.length > 5);
  assert.deepEqual(
    named.filter(({ file }) => !existsSync(join(root, file))),
    [],
  );
});

test("a command in a page is whole: what it takes from the reader is a variable that the page sets", () => {
  const wrong = pages.flatMap((page) =>
    [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
      [...(block ?? "").matchAll(/<[a-z][\w -]*>|\.\.\.|…/gi)].map(([gap]) => `${page}: ${gap}`),
    ),
  );
  assert.deepEqual(wrong, []);
});

test("every shell command in a page can be read by a shell", () => {
  for (const page of pages) {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: commands(page), encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""], page);
  }
});

test("func is told the language wherever a page publishes: a clone has no local.settings.json to tell it", () => {
  const published = pages.flatMap((page) => commands(page).match(/^func azure functionapp publish .*$/gm) ?? []);
  assert.ok(published.length > 0);
  for (const command of published) assert.match(command, / --javascript$/);
});

test("every variable that a command takes was set by an earlier one, on that page or in install.md", () => {
  const given = assigned(commands("docs/install.md"));
  const wrong = pages.flatMap((page) => {
    const text = commands(page);
    const known = page === "docs/install.md" ? [] : given;
    return [...text.matchAll(/\$\{?([A-Z][A-Z_]+)/g)]
      .filter(({ 1: name = "", index }) => !known.includes(name) && !assigned(text.slice(0, index)).includes(name))
      .map(([use]) => `${page}: ${use}`);
  });
  assert.deepEqual(wrong, []);
});

/** All shell commands of a page, in its order. A block in a list is indented. */
function commands(page: string): string {
  return [...read(page).matchAll(/^( *)```sh\n([\s\S]*?)^ *```/gm)].map(([, , block]) => block ?? "").join("\n");
}

function assigned(text: string): readonly string[] {
  return [...text.matchAll(/^ *(?:export )?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name ?? "");
}

/** Targets of inline links outside code. */
function links(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
}

function resolves(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchors(read(file)).has(anchor);
}

/** As GitHub names headings. */
function anchors(text: string): ReadonlySet<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)].map(
    ([, title]) => title ?? "",
  );
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
