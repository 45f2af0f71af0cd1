/** Rules of the house that no type can hold. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { settingsTable } from "../shared/settings-table.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = ["functions", "shared", "cli", "local"].flatMap((folder) => filesUnder(folder, ".ts"));

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly what: string;
}

const imports: readonly Import[] = sources.flatMap((from) =>
  [
    ...read(from).matchAll(
      /^(?:import|export)\b[^;"]*\bfrom\s+"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"\s*\)|^import\s+"([^"\n]+)"/gm,
    ),
  ].map((match) => {
    const what = match[1] ?? match[2] ?? match[3] ?? "";
    return { from, what: what.startsWith(".") ? normalize(join(dirname(from), what)) : packageName(what) };
  }),
);

test("there are sources and imports to look at", () => {
  assert.ok(sources.length > 50);
  assert.ok(imports.length > 200);
});

/** Which rooms a room may import from. A room is the longest prefix that matches. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "shared/core/": ["shared/core/"],
  "shared/adapters/": ["shared/adapters/", "shared/core/", "shared/ports.ts"],
  "shared/": ["shared/core/", "shared/"],
  "functions/": ["functions/", "shared/"],
  "cli/": ["cli/", "shared/"],
  "local/": ["local/", "shared/"],
};

test("imports point one way: functions, cli and local to shared, adapters to ports and core, core to core", () => {
  const wrong = imports
    .filter(({ what }) => what.includes("/") && what.endsWith(".ts"))
    .filter(({ from, what }) => {
      const room = Object.keys(mayImport).find((prefix) => from.startsWith(prefix)) ?? "";
      return !(mayImport[room] ?? []).some((allowed) => what.startsWith(allowed));
    });
  assert.deepEqual(wrong, []);
});

test("the engine knows no adapter: only the composition roots put them together", () => {
  const wrong = imports.filter(
    ({ from, what }) => /^shared\/[^/]+\.ts$/.test(from) && what.startsWith("shared/adapters/"),
  );
  assert.deepEqual(wrong, []);
});

test("core imports no package but the schema, YAML and cryptographic ones", () => {
  const packages = imports.filter(({ from, what }) => from.startsWith("shared/core/") && !what.startsWith("shared/"));
  assert.deepEqual([...new Set(packages.map(({ what }) => what))].sort(), ["node-forge", "node:crypto", "yaml", "zod"]);
});

test("core is pure: it awaits nothing and asks for no time, chance or environment", () => {
  const impure =
    /\bawait\b|\basync\b|process\.|Date\.now|new Date\(\)|Math\.random|\brandom[A-Z]|\bgenerateKey|setTimeout|\bfetch\(|console\./;
  const wrong = sources
    .filter((file) => file.startsWith("shared/core/"))
    .flatMap((file) =>
      codeLines(file)
        .filter(({ text }) => impure.test(text))
        .map(({ number }) => `${file}:${number}`),
    );
  assert.deepEqual(wrong, []);
});

test("only the clock port tells the time in shared; adapters may time out", () => {
  const wrong = sources
    .filter((file) => /^shared\/[^/]+\.ts$/.test(file))
    .flatMap((file) =>
      codeLines(file)
        .filter(({ text }) => /Date\.now|Math\.random|setTimeout/.test(text))
        .map(({ number }) => `${file}:${number}`),
    );
  assert.deepEqual(wrong, []);
});

test("SecretValue is opened only where bytes are rendered, compared or sent", () => {
  const allowed = [
    /^shared\/core\/(rendering|kubernetes)\//,
    /^shared\/core\/secret-value\.ts$/,
    /^shared\/adapters\//,
    /^local\//,
    /^functions\/compose\.ts$/,
    /^functions\/.*storage.*\.ts$/,
  ];
  const wrong = sources.filter(
    (file) => /\.reveal\(\)/.test(read(file)) && !allowed.some((pattern) => pattern.test(file)),
  );
  assert.deepEqual(wrong, []);
});

test("every setting is in the README's table, and the table has no other", () => {
  const rows = [...read("README.md").matchAll(/^\| `([A-Z][A-Za-z_]+)`/gm)].map((match) => match[1] ?? "");
  assert.deepEqual(new Set(rows), new Set(settingsTable.map((setting) => setting.name)));
  assert.equal(rows.length, settingsTable.length);
});

test("every runtime dependency has a decision record that names it", () => {
  const manifest: unknown = JSON.parse(read("package.json"));
  assert.ok(
    typeof manifest === "object" &&
      manifest !== null &&
      "dependencies" in manifest &&
      typeof manifest.dependencies === "object" &&
      manifest.dependencies !== null,
  );
  const records = filesUnder("docs/decisions", ".md").map(read).join("\n");
  const missing = Object.keys(manifest.dependencies).filter((name) => !records.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});

test("no package is imported that package.json does not name", () => {
  const manifest = read("package.json");
  const unknown = imports.filter(
    ({ what }) =>
      !what.includes(".ts") &&
      !builtinModules.includes(what.replace(/^node:/, "")) &&
      !what.startsWith("node:") &&
      !manifest.includes(`"${what}"`),
  );
  assert.deepEqual(unknown, []);
});

test("nothing in the project speaks of the machine it was written on", () => {
  const files = [
    "README.md",
    ".ci/run",
    "package.json",
    ".npmrc",
    ...filesUnder("docs", ".md"),
    ...sources,
    ...filesUnder("test", ".ts"),
  ];
  const wrong = files.filter(
    (file) => file !== "test/architecture.test.ts" && /(^|[^a-z.])\/(work|root|farm)\//m.test(read(file)),
  );
  assert.deepEqual(wrong, []);
});

function filesUnder(folder: string, ending: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Lines without comments, so that a word in a sentence is no offence. */
function codeLines(file: string): readonly { readonly number: number; readonly text: string }[] {
  return read(file)
    .split("\n")
    .map((text, index) => ({ number: index + 1, text: text.replace(/\/\/.*$/, "").replace(/`[^`]*`|"[^"]*"/g, '""') }))
    .filter(({ text }) => !/^\s*(\/?\*|\*\/)/.test(text));
}

function packageName(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
