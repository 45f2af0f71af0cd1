/** `npm run demo` as a person runs it, in a process group and a temporary folder of its own, so that leftovers show. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { appFolder, ensureBundle } from "../../local/demo/bundle.ts";
import { assertInOrder, restartByHandStory, rotationStory } from "./demo-story.ts";

interface Ended {
  readonly code: unknown;
  readonly output: string;
  /** What is left in its temporary folder. */
  readonly files: readonly string[];
  /** Whether a process of its group still runs. */
  readonly processes: boolean;
}

/** `interruptAt`: SIGINT is sent once this text was printed. */
async function demo(args: readonly string[], interruptAt?: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "demo-test-"));
  const script = fileURLToPath(new URL("../../local/demo.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: appFolder,
    detached: true,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    let output = "";
    let interrupted = false;
    const take = (chunk: Uint8Array) => {
      output += Buffer.from(chunk).toString();
      if (interruptAt === undefined || interrupted || !output.includes(interruptAt)) return;
      interrupted = true;
      child.kill("SIGINT");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const [code]: unknown[] = await once(child, "close");
    return { code, output, files: await readdir(folder), processes: signalGroup(child.pid, 0) };
  } finally {
    signalGroup(child.pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}

/** False if the group has no process any more. */
function signalGroup(pid: number | undefined, signal: 0 | "SIGKILL"): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function assertNothingLeft({ files, processes }: Ended): void {
  assert.deepEqual({ files, processes }, { files: [], processes: false });
}

test("the demo", { concurrency: true }, async (t) => {
  await ensureBundle();

  t.test(
    "shows the rotation as it happens, then the same change without the bridge, and leaves nothing behind",
    async () => {
      const ended = await demo([]);
      const { code, output } = ended;
      assert.equal(code, 0, output);
      assertNothingLeft(ended);
      assertInOrder(output, [
        ...rotationStory,
        /bridge +final look: .* converged/,
        /With the bridge: +Secret right after [\d.]+ s, all pods orange after [\d.]+ s, one restart, proven/,
        /Without the bridge: +after a restart by hand 3 of 3 pods are still blue/,
      ]);
      assertInOrder(output, [
        /bridge +proven/,
        /without the bridge \(driver 1\.5, rotation off\)/,
        ...restartByHandStory,
        /rollout +complete/,
        /Without the bridge:/,
      ]);
      assert.equal(output.match(/bridge +restarts/g)?.length, 1);
      assert.ok(!output.includes("Password=") && !output.includes("\u001B"), output);
    },
  );

  t.test("--keep stays up on driver 1.6 until ctrl-C, and leaves nothing behind", async () => {
    const ended = await demo(["--keep", "--driver", "1.6"], "app.log\n");
    assert.equal(ended.code, 0, ended.output);
    assertNothingLeft(ended);
    assertInOrder(ended.output, [
      /all pods orange .* \(driver 1\.6\)/,
      /stays up until ctrl-C/,
      /curl -sX PUT .*secrets\/color/,
    ]);
    assert.doesNotMatch(ended.output, /Without the bridge/);
  });

  t.test("ctrl-C in the middle of it ends it with 130, and leaves nothing behind", async () => {
    const ended = await demo([], "restarts Deployment");
    assert.equal(ended.code, 130, ended.output);
    assertNothingLeft(ended);
  });

  t.test("a word that it does not know is answered with those that it does", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--driver", "2"], /Use --driver 1\.5 or --driver 1\.6/],
      [["--slow"], /'--slow'\nUse --driver 1\.5, --driver 1\.6 or --keep/],
    ];
    for (const [args, answer] of wrong) {
      const ended = await demo(args);
      assert.equal(ended.code, 1);
      assert.match(ended.output, answer);
      assertNothingLeft(ended);
    }
  });
});
