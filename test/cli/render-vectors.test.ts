/** `render` on every vector: what it prints is what the real provider and driver wrote, and holds no value. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { podSignsIn, readCases } from "../vectors/cases.ts";
import type { Expected, VectorCase } from "../vectors/cases.ts";
import { deviations } from "../vectors/deviations.ts";
import { runCli, runHere } from "./run-cli.ts";
import type { Run } from "./run-cli.ts";
import { writeVector } from "./vault-folder.ts";
import type { OnDisk } from "./vault-folder.ts";

const cases = readCases(join(import.meta.dirname, "..", "vectors", "rendering")).filter(podSignsIn);

/** Every other part of the report is for people; these are compared. */
const bytesShape = { bytes: z.number(), sha256: z.string(), object: z.string(), version: z.string() };
const refusedShape = z.object({ reason: z.string(), sentence: z.string().min(20), about: z.array(z.string()).min(1) });
const reportShape = z.object({
  refused: refusedShape.optional(),
  files: z.array(z.object({ path: z.string(), mode: z.string(), ...bytesShape })),
  versions: z.record(z.string(), z.string()),
  secrets: z.array(
    z.union([
      z.object({ name: z.string(), refused: refusedShape }),
      z.object({ name: z.string(), type: z.string(), keys: z.array(z.object({ key: z.string(), ...bytesShape })) }),
    ]),
  ),
});

interface Told {
  readonly vector: VectorCase;
  readonly disk: OnDisk;
  readonly json: Run;
  readonly text: Run;
}

let folder: string;
const told: Told[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "render-vectors-"));
  for (const vector of cases) {
    const own = join(folder, vector.name);
    await mkdir(own);
    const disk = await writeVector(vector, own);
    const json = await runHere(argsOf(disk, "--json"));
    // One PFX asks for a million rounds of hashing: seconds, so it is told once.
    const text = vector.name === "tls-binary-pfx-limit-iterations" ? json : await runHere(argsOf(disk));
    told.push({ vector, disk, json, text });
  }
});
after(() => rm(folder, { recursive: true, force: true }));

function argsOf({ classFile, vaultDir, flags }: OnDisk, ...more: readonly string[]): readonly string[] {
  return ["render", "--class", classFile, "--vault-dir", vaultDir, ...flags, ...more];
}

test("every vector is told as it was recorded, or refused with a reason", () => {
  const unusable = told.filter(({ json }) => json.code === 2);
  for (const { vector, json } of told) if (json.code !== 2) assertTold(vector.name, json, vector.expect);
  // Here the vault gives no answer at all, so no file can hold it.
  assert.deepEqual(unusable.map(({ vector }) => vector.name).toSorted(), [
    "bad-request-400",
    "server-error-500",
    "throttled-429",
    "unavailable-503",
    "value-missing",
  ]);
  for (const { json, text } of told) assert.equal(text.code, json.code);
});

test("another driver's outcome is told with --driver", async () => {
  const other = told.filter(({ vector }) => "1.5.6" in vector.expectByDriver);
  assert.ok(other.length > 0);
  for (const { vector, disk } of other) {
    const run = await runHere(argsOf(disk, "--json", "--driver", "1.5"));
    const expected = vector.expectByDriver["1.5.6"];
    assert.ok(expected !== undefined);
    assertTold(vector.name, run, expected);
  }
});

test("no value is printed, as text or as JSON, whatever the class and the vault hold", async () => {
  let looked = 0;
  for (const { vector, disk, json, text } of told) {
    const printed = [json.out, json.err, text.out, text.err].join("\n");
    const classText = await readFile(disk.classFile, "utf8");
    for (const piece of piecesOf(vector)) {
      if (classText.includes(piece)) continue;
      looked += 1;
      assert.ok(!printed.includes(piece), `${vector.name} prints a value of its vault`);
    }
  }
  assert.ok(looked > 2000, `only ${looked} pieces were looked for`);
});

test("as a process it prints the same, by the bin and by cli/main.ts", async () => {
  const main = join(import.meta.dirname, "..", "..", "cli", "main.ts");
  const some = told.filter(({ vector }, index) => index % 60 === 7 || vector.name === "tls-chain-file-order");
  assert.ok(some.length >= 7);
  for (const [index, { vector, disk, json, text }] of some.entries()) {
    const asJson = index % 2 === 0;
    const run = await runCli(argsOf(disk, ...(asJson ? ["--json"] : [])), index % 3 === 0 ? { entry: main } : {});
    assert.deepEqual(run, asJson ? json : text, vector.name);
  }
});

/** A run with `--json` against a recorded outcome. Deviations and Secrets named twice are refused, whatever is made of them. */
function assertTold(name: string, { code, out, err }: Run, { mount, secrets }: Expected): void {
  assert.equal(err, "", name);
  const report = reportShape.parse(JSON.parse(out));
  assert.equal(report.refused === undefined, mount.ok, name);
  if (!mount.ok) {
    assert.equal(code, 1, name);
    assert.deepEqual(report.files, [], name);
    return;
  }
  const files = Object.entries(mount.files).map(([path, { base64, mode }]) => ({
    path,
    mode: mode.toString(8).padStart(4, "0"),
    ...hashed(base64),
  }));
  assert.deepEqual(
    sorted(report.files.map(({ path, mode, bytes, sha256 }) => ({ path, mode, bytes, sha256 }))),
    sorted(files),
    name,
  );
  assert.deepEqual(report.versions, mount.versions, name);

  assert.deepEqual(report.secrets.map((secret) => secret.name).toSorted(), Object.keys(secrets).toSorted(), name);
  for (const secret of report.secrets) {
    const expected = secrets[secret.name];
    if ("refused" in secret) {
      const { reason } = secret.refused;
      const listed = deviations.get(name)?.secret === secret.name && reason !== "unsupported";
      assert.ok(expected?.ok === false || listed || reason === "double-claim", `${name}: ${reason}`);
      continue;
    }
    assert.ok(expected?.ok === true, name);
    assert.equal(secret.type, expected.type, name);
    const keys = Object.entries(expected.data).map(([key, base64]) => ({ key, ...hashed(base64) }));
    assert.deepEqual(sorted(secret.keys.map(({ key, bytes, sha256 }) => ({ key, bytes, sha256 }))), sorted(keys), name);
  }
  assert.equal(code, report.secrets.some((secret) => "refused" in secret) ? 1 : 0, name);
}

function hashed(base64: string) {
  const bytes = Buffer.from(base64, "base64");
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function sorted(rows: readonly object[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

/** What may not be seen: values and rendered bytes, whole and by lines, also as base64 and hex. Too short ones may occur by chance. */
function piecesOf({ vault, expect }: VectorCase): ReadonlySet<string> {
  const values = Object.values(vault.secrets).flatMap((versions) => versions.flatMap(({ value }) => value ?? []));
  const bytes = [
    ...values.map((value) => Buffer.from(value)),
    ...(expect.mount.ok ? Object.values(expect.mount.files).map(({ base64 }) => Buffer.from(base64, "base64")) : []),
    ...Object.values(vault.certificates).flatMap((all) => all.map(({ cer }) => Buffer.from(cer, "base64"))),
  ];
  const pieces = bytes.flatMap((one) => [
    ...one
      .toString()
      .split(/\r?\n/)
      .filter((line) => !line.startsWith("-----")),
    one.toString("base64").slice(0, 40),
    one.toString("hex").slice(0, 40),
  ]);
  return new Set(pieces.filter((piece) => piece.length >= 8));
}
