import assert from "node:assert/strict";
import { test } from "node:test";
import { withProgress } from "../../cli/progress.ts";
import { plain, processTerminal } from "../../cli/terminal.ts";
import type { Terminal } from "../../cli/terminal.ts";

function watched(): { readonly terminal: Terminal; readonly lines: string[] } {
  const lines: string[] = [];
  const status = (line: string) => void lines.push(line);
  return { terminal: { out: () => {}, err: () => {}, paint: plain, status }, lines };
}

test("what takes long says what it is doing, line for line, and takes the last one away", async () => {
  const { terminal, lines } = watched();
  const answer = await withProgress(
    terminal,
    async (say) => {
      say("Reading one");
      await new Promise((done) => setTimeout(done, 30));
      say("Reading two");
      return 7;
    },
    5,
  );
  assert.equal(answer, 7);
  assert.deepEqual(lines, ["Reading one …", "Reading two …", ""]);
});

test("what is quick says nothing, and a failure takes the line away too", async () => {
  const quick = watched();
  await withProgress(quick.terminal, async (say) => say("Reading"));
  assert.deepEqual(quick.lines, []);
  const failing = watched();
  const work = async (say: (doing: string) => void) => {
    say("Reading");
    await new Promise((done) => setTimeout(done, 30));
    throw new Error("no");
  };
  await assert.rejects(withProgress(failing.terminal, work, 5));
  assert.deepEqual(failing.lines, ["Reading …", ""]);
});

test("progress is for a terminal on standard error", () => {
  assert.notEqual(processTerminal({ TERM: "xterm" }, true, true).status, undefined);
  assert.equal(processTerminal({ TERM: "xterm" }, true, false).status, undefined);
  assert.equal(processTerminal({ TERM: "dumb" }, true, true).status, undefined);
});
