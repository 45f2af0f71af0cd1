/**
 * `node --test test/rig/demo-run.ts`: `npm run demo -- --rig` shows a rotation on real clusters, and leaves nothing of
 * itself however it ends. Needs Go and root, and says so where they are missing.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ensureBundle } from "../../local/demo/bundle.ts";
import { assertInOrder, restartByHandStory, rotationStory } from "../end-to-end/demo-story.ts";
import { type Launched, launched, pathWithoutGo } from "./launched.ts";
import { leftoversOf, nothing } from "./leftovers.ts";

await ensureBundle();
const demo = [process.execPath, "demo.ts", "--rig"];
const inTheMiddle = "restarts Deployment podinfo-csi";

test("shows the rotation as it happens on driver 1.6.1, then the same change without the bridge on 1.5.6", async () => {
  await launched(
    demo,
    () => ({}),
    async (program) => {
      assert.equal(await program.ended(), 0, program.output());
      const output = program.output();
      assertInOrder(output, [
        /a real cluster .*a user who may do only what it needs/s,
        ...rotationStory,
        /without the bridge \(driver 1\.5\.6, rotation off\)/,
        ...restartByHandStory,
        /With the bridge: +Secret right after .* one restart, proven \(driver 1\.6\.1\)/,
        /Without the bridge: +after a restart by hand 3 of 3 pods are still blue, .*\(driver 1\.5\.6\)/,
      ]);
      assert.match(output, /bridge +final look: .* converged/);
      assert.equal(output.match(/bridge +restarts/g)?.length, 1);
      assert.doesNotMatch(output, /Password=/);
      assert.deepEqual(await leftoversOf(program.folder), nothing);
    },
  );
});

interface Ending {
  readonly how: string;
  readonly words?: readonly string[];
  /** It is ended when it has printed this. */
  readonly at: string;
  readonly end: (program: Launched) => void | Promise<void>;
  readonly code?: number;
  readonly says?: RegExp;
}

const endings: readonly Ending[] = [
  {
    how: "--keep on driver 1.5.6, ended by ctrl-C",
    words: ["--keep", "--driver", "1.5.6"],
    at: "rotation-map.yaml\n",
    end: (program) => program.interrupt(),
    code: 0,
    says: /all pods orange .* \(driver 1\.5\.6\)[^]*export KUBECONFIG=/,
  },
  { how: "ctrl-C while clusters start", at: "Starting", end: interruptWith(/ kube-apiserver /), code: 130 },
  { how: "ctrl-C in the middle", at: inTheMiddle, end: (program) => program.interrupt(), code: 130 },
  {
    how: "killed in the middle",
    at: inTheMiddle,
    end: (program) => program.kill(/^\S*node demo\.ts/),
  },
  {
    how: "the API server crashes in the middle",
    at: inTheMiddle,
    end: (program) => program.kill(/ kube-apiserver /),
    code: 1,
    says: /The cluster broke\. kube-apiserver ended \(SIGKILL\)/,
  },
];

for (const { how, words = [], at, end, code, says } of endings) {
  test(`leaves nothing: ${how}`, async () => {
    await launched(
      [...demo, ...words],
      () => ({}),
      async (program) => {
        await program.printed(at);
        await end(program);
        const ended = await program.ended();
        if (code !== undefined) assert.equal(ended, code, program.output());
        if (says !== undefined) assert.match(program.output(), says);
        assert.deepEqual(await leftoversOf(program.folder), nothing);
      },
    );
  });
}

for (const { how, end, code } of [
  { how: "ctrl-C", end: (program: Launched) => program.interrupt(), code: 130 },
  { how: "killed", end: (program: Launched) => program.kill(/^\S*node demo\.ts/), code: undefined },
]) {
  test(`leaves no compiler at work: ${how} while the rig is built for the first time`, async () => {
    const emptyCache = (folder: string) => ({ XDG_CACHE_HOME: join(folder, "cache") });
    await launched(demo, emptyCache, async (program) => {
      await program.printed("control-plane: building");
      await program.running(/ -o \S*\/cache\/\S*control-plane/);
      await end(program);
      assert.equal(await program.ended(), code, program.output());
      assert.deepEqual(await leftoversOf(program.folder, ["cache"]), nothing);
    });
  });
}

test("without Go or root it says what is needed, and leaves nothing", async () => {
  const needs = /needs Linux, root .* and Go 1\.26 or newer.* Without --rig it needs neither/;
  const path = async (folder: string) => ({ PATH: await pathWithoutGo(folder) });
  await launched(demo, path, async (program) => {
    assert.equal(await program.ended(), 1);
    assert.match(program.output(), /built with Go/);
    assert.match(program.output(), needs);
    assert.deepEqual(await leftoversOf(program.folder, ["bin"]), nothing);
  });
  await launched(
    ["setpriv", "--bounding-set=-sys_admin", ...demo],
    () => ({}),
    async (program) => {
      assert.equal(await program.ended(), 1);
      assert.match(program.output(), /takes root/);
      assert.match(program.output(), needs);
      assert.deepEqual(await leftoversOf(program.folder), nothing);
    },
  );
});

/** Ctrl-C once that runs. */
function interruptWith(which: RegExp): Ending["end"] {
  return async (program) => {
    await program.running(which);
    program.interrupt();
  };
}
