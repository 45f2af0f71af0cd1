/** The command line as a person meets it: help, suggestions, exit codes, colours. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { main } from "../../cli/main.ts";
import { plain, processTerminal } from "../../cli/terminal.ts";
import { bin, runCli, runHere } from "./run-cli.ts";

const wrong: readonly { readonly args: readonly string[]; readonly says: readonly string[] }[] = [
  { args: [], says: ["No command is named.", "Commands:"] },
  { args: ["rendre"], says: ['There is no command "rendre". Did you mean render?'] },
  { args: ["x".repeat(500)], says: [`There is no command "${"x".repeat(80)}…".`] },
  { args: ["\u001B[31mred"], says: ['There is no command "?[31mred".'] },
  { args: ["help", "nothing"], says: ['There is no command "nothing".'] },
  { args: ["render"], says: ["--class is missing.", "--vault-dir is missing.", "More: rotation-bridge help render"] },
  { args: ["render", "--clas", "f", "--vault-dir", "d"], says: ['no option "--clas". Did you mean --class?'] },
  { args: ["render", "--class", "--vault-dir", "d"], says: ["--class needs a value."] },
  { args: ["render", "--class=", "--vault-dir=d"], says: ["--class needs a value."] },
  { args: ["render", "--class=f", "--class=g", "--vault-dir=d"], says: ["--class is given twice."] },
  { args: ["render", "--class=f", "--vault-dir=d", "g"], says: ['"g" is not the value of an option.'] },
  { args: ["render", "--class=f", "--vault-dir=d", "--driver=1.7"], says: ["--driver is 1.5 or 1.6"] },
  {
    args: ["render", "--class=f", "--vault-dir=d", "--construct-pem-chain=no"],
    says: ["write --construct-pem-chain or --construct-pem-chain=false."],
  },
  {
    args: ["render", "--class=nowhere.yaml", "--vault-dir=nowhere"],
    says: ["nowhere.yaml: There is no such file.", "nowhere: There is no such folder. Make it with: umask 077;"],
  },
];

for (const { args, says } of wrong) {
  test(`exit code 2 and what to do instead: ${args.join(" ").slice(0, 60) || "(nothing)"}`, async () => {
    const { code, out, err } = await runHere(args);
    assert.equal(code, 2);
    assert.equal(out, "");
    for (const part of says) assert.ok(err.includes(part), err);
    assert.ok(!err.includes("\u001B"), "an escape sequence reaches the terminal");
  });
}

test("help is printed where it is asked for, with exit code 0", async () => {
  for (const args of [["help"], ["--help"], ["-h"]]) {
    const { code, out, err } = await runHere(args);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^ {2}render {2,}\S/m);
  }
  for (const args of [
    ["help", "render"],
    ["render", "--help"],
    ["render", "--class", "-h"],
  ]) {
    const { code, out } = await runHere(args);
    assert.equal(code, 0);
    assert.match(out, /^rotation-bridge render --class FILE --vault-dir DIR/);
  }
});

test("no line of help is wider than 112 characters", async () => {
  const first = await runHere(["help"]);
  const names = [...first.out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((match) => match[1] ?? "");
  assert.ok(names.length >= 6 && names.includes("render"));
  const all = [first, ...(await Promise.all(names.map((name) => runHere(["help", name]))))];
  for (const { code } of all) assert.equal(code, 0);
  for (const line of all.flatMap(({ out }) => out.split("\n"))) assert.ok(line.length <= 112, line);
});

test("the npm bin is the launcher, and it answers with the exit codes of the command", async () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  assert.match(manifest, /"rotation-bridge": "cli\/rotation-bridge\.mjs"/);
  assert.ok(bin.endsWith("cli/rotation-bridge.mjs"));
  assert.equal((await runCli(["help"])).code, 0);
  const refused = await runCli(["rendre"]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /Did you mean render\?/);
});

test("the launcher is JavaScript that an old Node can read, and asks for Node 24", () => {
  const text = readFileSync(bin, "utf8");
  assert.match(text, /^#!\/usr\/bin\/env node\n/);
  const check = text.indexOf("major < 24");
  assert.ok(check > 0 && check < text.indexOf('import("./main.ts")'));
  assert.doesNotMatch(text, /^import /m, "a static import would be read before the version is looked at");
});

test("what nobody expected ends with exit code 3, the place and nothing of the error's text", async () => {
  let err = "";
  const broken = () => {
    throw new Error("text of the error");
  };
  const code = await main(["render", "--help"], { out: broken, err: (more) => (err += more), paint: plain });
  assert.equal(code, 3);
  assert.match(err, /^Unexpected, please report it: render failed at .*usage\.test\.ts:\d+:\d+/);
  assert.doesNotMatch(err, /text of the error/);
});

test("a reader that leaves early ends it quietly", async () => {
  const child = spawn(process.execPath, [bin, "help", "render"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let err = "";
  child.stderr.on("data", (more) => (err += String(more)));
  await once(child, "close");
  assert.equal(err, "");
});

test("colours are for a terminal, unless NO_COLOR or TERM=dumb asks for none", () => {
  const painted = (env: Readonly<Record<string, string>>, isTerminal: boolean) =>
    processTerminal(env, isTerminal).paint.bad("no") !== "no";
  assert.equal(painted({ TERM: "xterm" }, true), true);
  assert.equal(painted({ NO_COLOR: "" }, true), true);
  assert.equal(painted({ NO_COLOR: "1" }, true), false);
  assert.equal(painted({ TERM: "dumb" }, true), false);
  assert.equal(painted({ FORCE_COLOR: "1" }, false), false);
});
