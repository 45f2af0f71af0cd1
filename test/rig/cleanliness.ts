/**
 * `node --test test/rig/cleanliness.ts`: however `npm run rig` ends, no process, mount or folder of it stays. Needs Go
 * and root, and says so where they are missing.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { z } from "zod";
import { connectApi } from "./api.ts";
import { type Launched, launched, pathWithoutGo } from "./launched.ts";
import { leftoversOf, mountsOf, nothing } from "./leftovers.ts";
import { objects, vaultName } from "./smoke-app.ts";
import { until } from "./until.ts";

const rigWords = ["--driver", "1.6.1", "--rotation", "off", "--nodes", "2", "--vault", vaultName];
const byNode = [process.execPath, "test/rig/main.ts", ...rigWords];
const byNpm = ["npm", "run", "rig", "--", ...rigWords];

interface Ending {
  readonly how: string;
  /** {@link byNode} where left out. */
  readonly command?: readonly string[];
  readonly end: (program: Launched) => void | Promise<void>;
  /** Where there is somebody left to tell. */
  readonly code?: number;
  readonly says?: RegExp;
}

const endings: readonly Ending[] = [
  { how: "ctrl-C", end: (program) => program.interrupt(), code: 0, says: /Stopping\./ },
  // npm itself ends by the signal, without a code.
  { how: "ctrl-C under npm", command: byNpm, end: (program) => program.interrupt(), says: /Stopping\./ },
  { how: "the launcher is killed", end: (program) => program.kill(/^\S*node \S*test\/rig\/main\.ts/) },
  {
    how: "the API server crashes",
    end: (program) => program.kill(/ kube-apiserver /),
    code: 1,
    says: /kube-apiserver ended \(SIGKILL\)/,
  },
  {
    how: "a kubelet crashes",
    end: (program) => program.kill(/\/kubelet-\S+ --node=node2/),
    code: 1,
    says: /kubelet-node2 ended \(SIGKILL\)/,
  },
  {
    how: "the keeper of its namespaces is killed",
    end: (program) => program.kill(/^\S*node \S*test\/rig\/keeper\.ts/),
    code: 1,
    says: /namespaces have ended/,
  },
  {
    how: "the shell that removes its folder is killed",
    end: (program) => program.kill(/^sh -c folder=/),
    code: 1,
    says: /namespaces have ended/,
  },
];

for (const { how, command = byNode, end, code, says } of endings) {
  test(`nothing of a rig with running pods stays: ${how}`, async () => {
    await launched(
      command,
      () => ({}),
      async (program) => {
        await program.printed("Ctrl-C ends it and removes everything.");
        await mountedPods(program);
        assert.deepEqual(await mountsOf(program.folder), [], "the machine sees no mount of the rig");
        await end(program);
        const ended = await program.ended();
        if (code !== undefined) assert.equal(ended, code, program.output());
        if (says !== undefined) assert.match(program.output(), says);
        assert.deepEqual(await leftoversOf(program.folder), nothing);
      },
    );
  });
}

test("nothing stays of a start that ctrl-C ends", async () => {
  await launched(
    byNode,
    () => ({}),
    async (program) => {
      await program.running(/ etcd /);
      program.interrupt();
      assert.equal(await program.ended(), 130, program.output());
      assert.deepEqual(await leftoversOf(program.folder), nothing);
    },
  );
});

test("without Go it says so, and leaves nothing", async () => {
  const path = async (folder: string) => ({ PATH: await pathWithoutGo(folder) });
  await launched(byNode, path, async (program) => {
    assert.equal(await program.ended(), 1);
    assert.match(program.output(), /built with Go \(1\.26 or newer\)/);
    assert.deepEqual(await leftoversOf(program.folder, ["bin"]), nothing);
  });
});

test("where it may not mount it says so, and leaves nothing", async () => {
  await launched(
    ["setpriv", "--bounding-set=-sys_admin", ...byNode],
    () => ({}),
    async (program) => {
      assert.equal(await program.ended(), 1);
      assert.match(program.output(), /takes root \(CAP_SYS_ADMIN/);
      assert.deepEqual(await leftoversOf(program.folder), nothing);
    },
  );
});

/** Runs the smoke test's two pods, and looks whether their volumes are mounted where this test looks for leftovers. */
async function mountedPods(program: Launched): Promise<void> {
  const [, kubeconfig = ""] = /KUBECONFIG=(\S+)/.exec(program.output()) ?? [];
  const [, keyVault = ""] = /'(http:\S+)\/secrets\//.exec(program.output()) ?? [];
  const set = await fetch(`${keyVault}/secrets/db-pass?api-version=7.4`, {
    method: "PUT",
    headers: { authorization: "Bearer me", "content-type": "application/json" },
    body: JSON.stringify({ value: "one" }),
  });
  assert.ok(set.ok);
  const { clusters, users } = kubeconfigSchema.parse(JSON.parse(await readFile(kubeconfig, "utf8")));
  const { server, "certificate-authority-data": ca } = clusters[0].cluster;
  const api = connectApi(server, Buffer.from(ca, "base64").toString(), users[0].user.token);
  for (const object of objects) await api.apply(object);
  await api.close();
  const kubelet = await program.running(/\/kubelet-\S+ --node=node1/);
  const mounted = async () => (await mountsOf(program.folder, kubelet)).some((line) => line.includes("~csi"));
  await until("a mounted volume", program, mounted);
}

const kubeconfigSchema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), "certificate-authority-data": z.string() }) }),
  ]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});
